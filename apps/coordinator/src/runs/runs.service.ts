import { Inject, Injectable } from '@nestjs/common';
import {
  runSummary,
  type LedgerPage,
  type RunChanges,
  type RunList,
  type RunMetrics,
  type RunView,
  type SubmittedRun,
} from '#contracts';
import { z } from 'zod';
import { CLOCK } from '../config/settings.js';
import type { TellProgress } from '../datasets/dataset-scans.js';
import { LoopFaults } from '../health/loop-faults.js';
import { problem, ProblemException } from '../http/problem.js';
import { SchedulingLoop } from '../scheduling/scheduling-loop.js';
import { UnreadableRecordError } from '../storage/read-record.js';
import type { Made } from '../submissions/answer-submission.js';
import { LiveWorkers } from '../workers/live-workers.js';
import { askDetail } from './ask-detail.js';
import { decimated } from './decimate.js';
import type { TrainingRun } from './live-run.js';
import { runFacts } from './run-facts.js';
import { foundRuns, unreadableFor, type RunsQuery } from './run-query.js';
import { RunRegistry } from './run-registry.js';
import { runView } from './run-view.js';
import { RunSubmitter } from './submit-run.js';

const count = z.coerce.number().int();

/** Query of GET /v1/runs/:id/metrics. */
export const metricsQuerySchema = z
  .strictObject({
    from: count.min(1).default(1),
    to: count.min(1).optional(),
    points: count.min(2).max(20_000).default(1_000),
  })
  .refine(({ from, to }) => to === undefined || from <= to, { path: ['from'], message: 'must not be greater than to' });

/** Query of GET /v1/runs/:id/ledger. */
export const ledgerQuerySchema = z.strictObject({
  from: count.min(1).default(1),
  limit: count.min(1).max(10_000).default(1_000),
});

const PARTICIPLES = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;

/** What the REST routes for runs do. Throws problems. */
@Injectable()
export class RunsService {
  readonly #registry: RunRegistry;
  readonly #submitter: RunSubmitter;
  readonly #scheduling: SchedulingLoop;
  readonly #workers: LiveWorkers;
  readonly #faults: LoopFaults;
  readonly #clock: () => number;

  constructor(
    registry: RunRegistry,
    submitter: RunSubmitter,
    scheduling: SchedulingLoop,
    workers: LiveWorkers,
    faults: LoopFaults,
    @Inject(CLOCK) clock: () => number,
  ) {
    this.#registry = registry;
    this.#submitter = submitter;
    this.#scheduling = scheduling;
    this.#workers = workers;
    this.#faults = faults;
    this.#clock = clock;
  }

  async submit(spec: SubmittedRun, key: string | undefined, tell: TellProgress): Promise<Made<RunView>> {
    const { made, isReplay } = await this.#submitter.submit(spec, key, tell);
    return { view: this.view(made), isReplay };
  }

  list(query: RunsQuery): RunList {
    const { offset, limit } = query;
    const found = foundRuns(
      this.#registry.trainings().map((run) => runFacts(run, (one) => runSummary(this.view(one)))),
      query,
    );
    return {
      runs: found.slice(offset, offset + limit).map((run) => run.summary()),
      total: found.length,
      offset,
      limit,
      unreadable: unreadableFor(query, this.#registry.unreadable.list()),
    };
  }

  async show(id: string): Promise<RunView> {
    return this.view(await this.find(id));
  }

  async steer(id: string, verb: 'pause' | 'resume' | 'cancel'): Promise<RunView> {
    const run = await this.find(id);
    const isDone = await run.dispatch({ kind: `${verb}-requested`, at: this.#clock() });
    if (!isDone)
      throw new ProblemException(problem(409, `a run that is ${run.record.state} cannot be ${PARTICIPLES[verb]}`));
    this.#scheduling.nudge();
    return this.view(run);
  }

  /** Nothing happens where all is as asked for already. */
  async edit(id: string, changes: RunChanges): Promise<RunView> {
    const run = await this.find(id);
    if (changes.isArchived === true && !run.isOver) {
      const detail = `a run that is ${run.record.state} cannot be archived: cancel it, or wait until it is over`;
      throw new ProblemException(problem(409, detail));
    }
    await run.dispatch({ kind: 'edited', at: this.#clock(), changes });
    return this.view(run);
  }

  async metrics(id: string, { from, to, points }: z.infer<typeof metricsQuerySchema>): Promise<RunMetrics> {
    return await askDetail(await this.find(id), ({ training: { series, evaluations } }) => ({
      ...decimated(series, from, to ?? series.lastStep, points),
      evaluations: evaluations.filter(({ step }) => step >= from && (to === undefined || step <= to)),
    }));
  }

  async ledger(id: string, { from, limit }: z.infer<typeof ledgerQuerySchema>): Promise<LedgerPage> {
    const run = await this.find(id);
    const { mixedFromStep, fastFromStep } = run.record;
    const page = await askDetail(run, ({ training }) => training.ledgerPage(from, limit));
    return { ...page, mixedFromStep, fastFromStep };
  }

  async find(id: string): Promise<TrainingRun> {
    const reason = this.#registry.unreadable.get(id);
    const run = await this.#registry.findTraining(id);
    if (reason !== undefined) throw new UnreadableRecordError(`run ${id}: ${reason}`);
    if (run === undefined) {
      throw new ProblemException(problem(404, `there is no run ${id}`));
    }
    return run;
  }

  /** With the workers alive now, and what keeps the coordinator from looking after runs. */
  view(run: TrainingRun): RunView {
    return runView(run, this.#workers.shown(), this.#clock(), this.#faults.whyRunsWait);
  }
}
