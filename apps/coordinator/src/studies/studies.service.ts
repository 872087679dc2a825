import { Injectable } from '@nestjs/common';
import { STUDY_STATES, studyTrials, type StudyList, type StudySpec, type StudyTable, type StudyView } from '#contracts';
import { z } from 'zod';
import type { TellProgress } from '../datasets/dataset-scans.js';
import type { StudyRecord } from '../storage/study-record.schema.js';
import { figureNames, figureOf } from './figures/figure-table.js';
import { renderChart } from './figures/render-chart.js';
import type { FigureTheme } from './figures/svg-style.js';
import type { FigureInput, FigureTrial } from './figures/figure-input.js';
import { studyTable } from './study-table.js';
import { studySummary, studyView } from './study-view.js';
import { ResultCache } from './trial-results.js';
import { UnreadableRecordError } from '../storage/read-record.js';
import { RunRegistry } from '../runs/run-registry.js';
import type { Made } from '../submissions/answer-submission.js';
import { problem, ProblemException } from '../http/problem.js';
import { containsWords, pageQuerySchema, several, wordsSchema } from '../runs/run-query.js';
import { stateOf } from '../runs/ended-runs.js';
import { Studies } from './studies.js';
import { StudyRegistry } from './study-registry.js';

/** Query of GET /v1/studies. */
export const studiesQuerySchema = pageQuerySchema.extend({
  state: several(z.enum(STUDY_STATES)).optional(),
  q: wordsSchema.optional(),
});

/** What the REST routes for studies do. Throws problems. */
@Injectable()
export class StudiesService {
  readonly #studies: Studies;
  readonly #registry: StudyRegistry;
  readonly #runs: RunRegistry;
  readonly #results: ResultCache;

  constructor(studies: Studies, registry: StudyRegistry, runs: RunRegistry) {
    this.#studies = studies;
    this.#registry = registry;
    this.#runs = runs;
    this.#results = new ResultCache(runs);
  }

  async submit(spec: StudySpec, key: string | undefined, tell: TellProgress): Promise<Made<StudyView>> {
    const { made, isReplay } = await this.#studies.submit(spec, key, tell);
    return { view: await this.#view(made), isReplay };
  }

  list({ state, q, offset, limit }: z.infer<typeof studiesQuerySchema>): StudyList {
    const found = this.#registry
      .list()
      .filter((study) => state === undefined || state.includes(study.state))
      .filter((study) => q === undefined || containsWords(`${study.spec.name} ${study.id}`, q));
    const studies = found.slice(offset, offset + limit).map((study) => studySummary(study, this.#runs));
    const isFiltered = state !== undefined || q !== undefined;
    const unreadable = isFiltered ? [] : this.#registry.unreadable.list();
    return { studies, total: found.length, offset, limit, unreadable };
  }

  show(id: string): Promise<StudyView> {
    return this.#view(this.find(id));
  }

  async cancel(id: string): Promise<StudyView> {
    const { state } = this.find(id);
    if (!(await this.#studies.cancel(id)))
      throw new ProblemException(problem(409, `a study that is ${state} cannot be cancelled`));
    return this.show(id);
  }

  async table(id: string): Promise<StudyTable> {
    return studyTable(await this.show(id));
  }

  /** The figure as SVG; `file` is NAME.svg. */
  async figure(id: string, file: string, theme: FigureTheme): Promise<string> {
    const study = this.find(id);
    const input = await figureInput(study, this.#runs, this.#results);
    const chart = file.endsWith('.svg') ? figureOf(file.slice(0, -'.svg'.length), input) : undefined;
    if (chart === undefined) {
      const known = figureNames(study.spec).map((name) => `${name}.svg`);
      throw new ProblemException(problem(404, `study ${id} has no figure ${file}; it has ${known.join(', ')}`));
    }
    return renderChart(chart, theme);
  }

  /** Throws a problem where there is none, or its record cannot be read. */
  find(id: string): StudyRecord {
    const study = this.#registry.get(id);
    const reason = this.#registry.unreadable.get(id);
    if (reason !== undefined) throw new UnreadableRecordError(`study ${id}: ${reason}`);
    if (study === undefined) throw new ProblemException(problem(404, `there is no study ${id}`));
    return study;
  }

  #view(study: StudyRecord): Promise<StudyView> {
    return studyView(study, this.#runs, this.#results);
  }
}

/** What the figures of a study are drawn from, as far as it has got. */
async function figureInput(study: StudyRecord, runs: RunRegistry, results: ResultCache): Promise<FigureInput> {
  const trials = await Promise.all(
    studyTrials(study.spec).map(async ({ combination }, index): Promise<FigureTrial[]> => {
      const runId = study.trials[index]?.runId;
      const run = runId === null || runId === undefined ? undefined : runs.training(runId);
      const state = run && stateOf(run);
      if (run === undefined || state === 'failed' || state === 'cancelled') return [];
      const isFinished = state === 'finished';
      return [{ labels: combination.labels, isFinished, ...(await results.of(run)) }];
    }),
  );
  return { spec: study.spec, trials: trials.flat() };
}
