import { Injectable } from '@nestjs/common';
import type { Removal } from '#contracts';
import { problem, ProblemException } from '../http/problem.js';
import { RunsService } from '../runs/runs.service.js';
import { RemovalLog } from '../storage/removal-log.js';
import { StudiesService } from '../studies/studies.service.js';
import { RemovalRefusedError, Removals } from './removals.js';
import { RemovalSurvey } from './removal-survey.js';

/** What the REST routes for deletions do. Throws problems. */
@Injectable()
export class RemovalsService {
  readonly #runs: RunsService;
  readonly #studies: StudiesService;
  readonly #survey: RemovalSurvey;
  readonly #removals: Removals;
  readonly #log: RemovalLog;

  constructor(runs: RunsService, studies: StudiesService, survey: RemovalSurvey, removals: Removals, log: RemovalLog) {
    this.#runs = runs;
    this.#studies = studies;
    this.#survey = survey;
    this.#removals = removals;
    this.#log = log;
  }

  async forecastRun(id: string): Promise<Removal> {
    return this.#survey.ofRun(await this.#runs.find(id));
  }

  forecastStudy(id: string): Promise<Removal> {
    return this.#survey.ofStudy(this.#studies.find(id));
  }

  /** What was deleted before is answered as it was then. */
  removeRun(id: string): Promise<Removal> {
    return this.#removed('run', id, () => this.#removals.removeRun(() => this.#runs.find(id), 'request'));
  }

  removeStudy(id: string): Promise<Removal> {
    return this.#removed('study', id, () => this.#removals.removeStudy(() => this.#studies.find(id), 'request'));
  }

  async #removed(kind: Removal['kind'], id: string, remove: () => Promise<Removal>): Promise<Removal> {
    try {
      return await remove();
    } catch (error) {
      if (error instanceof RemovalRefusedError) {
        const obstacles = error.removal.obstacles.map((message) => ({ path: 'id', message }));
        throw new ProblemException(problem(409, error.message, obstacles));
      }
      const isGone = error instanceof ProblemException && error.details.status === 404;
      const before = isGone ? await this.#log.find(kind, id) : undefined;
      if (before !== undefined) return before;
      throw error;
    }
  }
}
