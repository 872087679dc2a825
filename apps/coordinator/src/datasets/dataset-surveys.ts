import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { RefusedInputError } from '#contracts';
import type { Logger } from '#telemetry';
import { CLOCK, LOGGER } from '../config/settings.js';
import { problem, problemOf } from '../http/problem.js';
import type { DatasetRecord } from '../storage/dataset-record.schema.js';
import { DatasetRegistry } from './dataset-registry.js';
import { DatasetScans, ScanEndedError } from './dataset-scans.js';
import { withFound } from './found-version.js';

/** How far a survey is. */
export interface SurveyProgress {
  readonly message: string;
  /** Undefined: it waits to begin. */
  readonly numSamples: number | undefined;
}

interface UnderWay {
  readonly stop: AbortController;
  progress: SurveyProgress;
  ended: Promise<void>;
}

/** Somebody wants it no more. */
class SurveyCancelledError extends Error {
  override readonly name = 'SurveyCancelledError';
}

/** Surveys named data sets in the background. One that the end of the coordinator cuts off goes on with the next start. */
@Injectable()
export class DatasetSurveys implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  readonly #registry: DatasetRegistry;
  readonly #scans: DatasetScans;
  readonly #clock: () => number;
  readonly #logger: Logger;
  readonly #underWay = new Map<string, UnderWay>();
  #isClosed = false;

  constructor(
    registry: DatasetRegistry,
    scans: DatasetScans,
    @Inject(CLOCK) clock: () => number,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#registry = registry;
    this.#scans = scans;
    this.#clock = clock;
    this.#logger = logger;
  }

  onApplicationBootstrap(): void {
    for (const { name, survey } of this.#registry.list()) if (survey.state === 'under-way') this.#start(name);
  }

  onModuleDestroy(): void {
    this.#isClosed = true;
    for (const { stop } of this.#underWay.values()) stop.abort(new ScanEndedError('the coordinator is going down'));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ ended }) => ended));
  }

  progressOf(name: string): SurveyProgress | undefined {
    return this.#underWay.get(name)?.progress;
  }

  /** Sees that a data set is surveyed; one whose survey is under way is left at that. */
  async begin(name: string): Promise<DatasetRecord | undefined> {
    const startedAt = this.#clock();
    const record = await this.#registry.change(name, (before) => {
      if (this.#underWay.has(name) || before.survey.state === 'under-way') return before;
      return { ...before, survey: { state: 'under-way', startedAt, finishedAt: null, problem: null } };
    });
    if (record !== undefined) this.#start(name);
    return record;
  }

  /** Ends a survey; false where none is under way. What it noted stays for the next one. */
  async cancel(name: string): Promise<boolean> {
    const held = this.#underWay.get(name);
    if (held === undefined) return false;
    held.stop.abort(new SurveyCancelledError('the survey was cancelled'));
    await held.ended;
    return true;
  }

  #start(name: string): void {
    if (this.#isClosed || this.#underWay.has(name)) return;
    const stop = new AbortController();
    const progress = { message: 'waits to be looked at', numSamples: undefined };
    const held: UnderWay = { stop, progress, ended: Promise.resolve() };
    this.#underWay.set(name, held);
    held.ended = this.#survey(name, held)
      .catch((error: unknown) =>
        this.#logger.error(
          { event: 'survey-not-recorded', dataset: name, err: error },
          'a survey could not be recorded',
        ),
      )
      .finally(() => this.#underWay.delete(name));
  }

  async #survey(name: string, held: UnderWay): Promise<void> {
    const dataset = this.#registry.get(name)?.dataset;
    if (dataset === undefined) return;
    const tell = (message: string, numSamples?: number): void => void (held.progress = { message, numSamples });
    const { signal } = held.stop;
    try {
      const found = await this.#scans.inspect(dataset, tell, { signal, isBackground: true });
      const at = this.#clock();
      await this.#registry.change(name, (before) => withFound(before, { dataset, found, at }));
    } catch (error) {
      // It goes on with the next start.
      if (error instanceof ScanEndedError) return;
      const end = endOf(error);
      if (end.state === 'failed') this.#logger.warn({ event: 'survey-failed', dataset: name, error: String(error) });
      await this.#registry.change(name, (before) => ({
        ...before,
        survey: { ...before.survey, ...end, finishedAt: this.#clock() },
      }));
    }
  }
}

function endOf(error: unknown): Pick<DatasetRecord['survey'], 'state' | 'problem'> {
  if (error instanceof SurveyCancelledError) return { state: 'cancelled', problem: null };
  const message = error instanceof Error ? error.message : String(error);
  const known = problemOf(error) ?? problem(500, message);
  return { state: error instanceof RefusedInputError ? 'refused' : 'failed', problem: known };
}
