import { Inject, Injectable } from '@nestjs/common';
import type { LedgerPage, RunList, RunMetrics, RunSpec, RunView } from '#contracts';
import { Coordinator } from '../coordinator.js';
import type { TellProgress } from '../datasets/dataset-scans.js';
import { decimatedSteps } from './decimate.js';
import type { TrainingRun } from './live-run.js';
import { runView } from './run-view.js';
import { UnreadableRecordError } from '../storage/read-record.js';
import { unreadableRecords } from './unreadable-records.js';
import type { Made } from '../submissions/answer-submission.js';
import { problem, ProblemException } from '../http/problem.js';
import type { LedgerQuery, MetricsQuery, RunsQuery } from '../http/queries.schema.js';

/** What the REST routes for runs do. Throws problems. */
@Injectable()
export class RunsService {
  readonly #coordinator: Coordinator;

  constructor(@Inject(Coordinator) coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  async submit(spec: RunSpec, key: string | undefined, tell: TellProgress): Promise<Made<RunView>> {
    const { run, isReplay } = await this.#coordinator.submitter.submit(spec, key, tell);
    return { view: this.view(run), isReplay };
  }

  list({ state, study, offset, limit }: RunsQuery): RunList {
    const { registry } = this.#coordinator;
    const runs = registry.list(state).filter(({ record }) => study === undefined || record.study?.id === study);
    const isFiltered = state !== undefined || study !== undefined;
    return {
      runs: runs.slice(offset, offset + limit).map((run) => this.view(run)),
      total: runs.length,
      offset,
      limit,
      unreadable: isFiltered ? [] : unreadableRecords(registry.unreadable),
    };
  }

  show(id: string): RunView {
    return this.view(this.find(id));
  }

  async steer(id: string, verb: 'pause' | 'resume' | 'cancel'): Promise<RunView> {
    const run = this.find(id);
    const isDone = await run.dispatch({ kind: `${verb}-requested`, at: this.#coordinator.clock() });
    if (!isDone)
      throw new ProblemException(problem(409, `a run that is ${run.record.state} cannot be ${PARTICIPLES[verb]}`));
    this.#coordinator.nudge();
    return this.view(run);
  }

  async metrics(id: string, { from, to, points }: MetricsQuery): Promise<RunMetrics> {
    const { series, evaluations } = (await this.find(id).detail()).training;
    const last = to ?? series.lastStep;
    const steps = decimatedSteps(series, from, last, points).flatMap((step) => series.get(step) ?? []);
    return { steps, evaluations: evaluations.filter(({ step }) => step >= from && (to === undefined || step <= to)) };
  }

  async ledger(id: string, { from, limit }: LedgerQuery): Promise<LedgerPage> {
    const run = this.find(id);
    return {
      ...(await run.detail()).training.ledgerPage(from, limit),
      mixedFromStep: run.record.mixedFromStep,
      fastFromStep: run.record.fastFromStep,
    };
  }

  find(id: string): TrainingRun {
    const { registry } = this.#coordinator;
    const run = registry.getTraining(id);
    const reason = registry.unreadable.get(id);
    if (reason !== undefined) throw new UnreadableRecordError(`run ${id}: ${reason}`);
    if (run === undefined) {
      throw new ProblemException(problem(404, `there is no run ${id}`));
    }
    return run;
  }

  view(run: TrainingRun): RunView {
    const { scheduler, clock, loops } = this.#coordinator;
    return runView(run, scheduler.workers(), clock(), loops.whyRunsWait);
  }
}

const PARTICIPLES = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;
