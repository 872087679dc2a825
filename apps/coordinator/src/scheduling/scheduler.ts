import { resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  computesAlike,
  fingerprintUnder,
  isFast,
  RefusedInputError,
  stepsBefore,
  trainingTimeline,
  type WorkerHeartbeat,
} from '#contracts';
import { readWorkers } from '#queue';
import type { Logger } from '#telemetry';
import { CLOCK, LOGGER } from '../config/settings.js';
import { RedisLink } from '../redis/redis-link.js';
import type { LiveRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { EarlyEnds } from './early-ends.js';
import { CacheNews } from './cache-news.js';
import { LaneWatch } from './lane-watch.js';
import { Publisher } from './publisher.js';
import { Refusals, type Refusal } from './refusals.js';
import { schedule, type Decision } from './schedule.js';
import { holdsState, type SchedulableRun } from './schedule-input.js';
import { LiveWorkers } from '../workers/live-workers.js';
import { NotYetKnownError, WholeCheckpoints } from './whole-checkpoints.js';

/** Looks at runs and workers, decides who serves which run, and has it published. One `tick` at a time. */
@Injectable()
export class Scheduler {
  readonly #runs: RunRegistry;
  readonly #workers: LiveWorkers;
  readonly #publisher: Publisher;
  readonly #redis: RedisLink;
  readonly #folders: CheckpointFiles;
  readonly #checkpoints: WholeCheckpoints;
  readonly #logger: Logger;
  /** Dates what happens to a run; how long something takes is measured by `performance.now`, which nobody sets. */
  readonly #clock: () => number;
  readonly #lanes = new LaneWatch();
  readonly #caches = new CacheNews();
  readonly #refusals = new Refusals();
  readonly #earlyEnds: EarlyEnds;
  readonly #lastSigns = new Map<string, number>();

  constructor(
    runs: RunRegistry,
    workers: LiveWorkers,
    publisher: Publisher,
    redis: RedisLink,
    folders: CheckpointFiles,
    @Inject(LOGGER) logger: Logger,
    @Inject(CLOCK) clock: () => number,
  ) {
    this.#runs = runs;
    this.#workers = workers;
    this.#publisher = publisher;
    this.#redis = redis;
    this.#folders = folders;
    this.#checkpoints = new WholeCheckpoints(folders);
    this.#logger = logger;
    this.#clock = clock;
    this.#earlyEnds = new EarlyEnds(this.#checkpoints, clock);
  }

  /** Who refuses which run. */
  get refusals(): readonly Refusal[] {
    return this.#refusals.standing;
  }

  /** One look and what follows from it. Throws when Redis does not answer; what was decided is on disk by then. */
  async tick(): Promise<void> {
    try {
      this.#workers.observe(await readWorkers(this.#redis.commands));
    } catch (error) {
      this.#workers.lostSight();
      throw error;
    }
    const workers = this.#workers.alive();
    const runs = this.#runs.unfinished();
    this.#refusals.observe(workers, runs, performance.now());
    for (const worker of workers) await this.#noteSigns(worker);
    // What cannot be put on disk now is done by a later look; it must not keep the runs that train from their shards.
    const failures: unknown[] = [];
    for (const run of runs) await this.#earlyEnds.observe(run).catch((error: unknown) => failures.push(error));

    const { decisions, workerReasons } = schedule({
      runs: runs.flatMap((run) => this.#schedulable(run)),
      workers,
      canJudgeDeaths: this.#workers.canJudgeDeaths,
      refusals: this.#refusals.reasons,
      now: performance.now(),
    });
    this.#workers.explainIdle(workerReasons);
    for (const decision of decisions) {
      await this.#carryOut(decision).catch((error: unknown) => failures.push(error));
    }
    for (const run of runs) {
      this.#lanes.observe(run, workers, performance.now());
      this.#caches.observe(run, workers);
    }
    await this.#publisher.reconcile(await this.#publishable(workers), workers);
    if (failures.length > 0) throw failures[0];
  }

  /** Runs that Redis may have to say something of: all that are not over, and of the others those it still speaks of. */
  async #publishable(workers: readonly WorkerHeartbeat[]): Promise<LiveRun[]> {
    const named = new Set([...workers.flatMap(({ runId }) => runId ?? []), ...this.#publisher.publishedIds]);
    const ended = await Promise.all([...named].filter((id) => this.#runs.isEnded(id)).map((id) => this.#runs.find(id)));
    return [...this.#runs.unfinished(), ...ended.filter((run) => run !== undefined)];
  }

  async #noteSigns(worker: WorkerHeartbeat): Promise<void> {
    const run = worker.runId === null ? undefined : this.#runs.loaded(worker.runId);
    if (run === undefined || run.isOver || !holdsState(worker, run.record)) return;
    this.#lastSigns.set(run.id, performance.now());
    if (worker.round !== null) await run.reached(worker.round);
  }

  #schedulable(run: LiveRun): SchedulableRun[] {
    const { record } = run;
    const { state } = record;
    if (state !== 'pending' && state !== 'running' && state !== 'pausing' && state !== 'paused') return [];
    return [
      {
        id: record.id,
        name: record.spec.name,
        state,
        incarnation: record.incarnation,
        isIncarnationOver: record.isIncarnationOver,
        lanes: record.spec.lanes,
        minWorkers: record.spec.workers.min,
        maxWorkers: record.spec.workers.max,
        fingerprint: record.fingerprint,
        bits: record.spec.bits,
        precision: record.spec.precision,
        mixedDevices: record.spec.mixedDevices,
        assigned: record.assigned,
        hasProgress: run.hasProgress,
        lastSignAt: Math.max(run.lastProgressAt, this.#lastSigns.get(record.id) ?? 0),
        stragglerReport: run.stragglerReport,
        shares: record.shares,
        pausingSince: state === 'pausing' ? run.stateSince : null,
      },
    ];
  }

  async #carryOut(decision: Decision): Promise<void> {
    const run = this.#runs.loaded(decision.runId);
    if (run === undefined) return;
    const at = this.#clock();
    switch (decision.kind) {
      case 'start': {
        const { workers, fingerprint, why } = decision;
        const start = await this.#startOf(run).catch(async (error: unknown) => {
          const isNotYetKnown = error instanceof NotYetKnownError;
          if (!isNotYetKnown && !(error instanceof RefusedInputError)) throw error;
          const reason = isNotYetKnown
            ? error.message
            : `its newest checkpoint cannot be gone on from: ${error.message}`;
          // A run that had workers shows why it has none.
          const isStarved = isNotYetKnown && error.isTrouble && run.record.state === 'running';
          await run.dispatch({ kind: isStarved ? 'starved' : 'kept-waiting', at, reason });
        });
        if (start === undefined) return;
        await this.#noteBits(run, workers, { round: start.round, fingerprint });
        await run.dispatch({
          kind: 'incarnation-started',
          at,
          start,
          workers,
          fingerprint,
          why,
        });
        this.#logger.info({
          event: 'incarnation-started',
          run: run.id,
          incarnation: run.record.incarnation,
          workers,
          why,
        });
        return;
      }
      case 'change-workers':
        await this.#noteBits(run, decision.joined, { round: run.roundsDone, fingerprint: run.record.fingerprint });
        await run.dispatch({ kind: 'workers-changed', at, joined: decision.joined, left: decision.left });
        return;
      case 'share-lanes':
        await run.dispatch({ kind: 'lanes-shared', at, shares: decision.shares });
        return;
      case 'take-over':
        await run.dispatch({ kind: 'taken-over', at, workers: decision.workers });
        return;
      case 'starve':
        await run.dispatch({ kind: 'starved', at, reason: decision.reason });
        return;
      case 'wait':
        await run.dispatch({ kind: 'kept-waiting', at, reason: decision.reason });
        return;
      case 'pause-without-word':
        await run.dispatch({
          kind: 'paused',
          at,
          message: 'paused; its workers left without a word, the newest checkpoint holds',
        });
    }
  }

  /** Before a worker whose bits are not promised is told to join, so that the mark is there whatever happens next. */
  async #noteBits(
    run: LiveRun,
    joining: readonly string[],
    at: { readonly round: number; readonly fingerprint: string | null },
  ): Promise<void> {
    const { fingerprint } = at;
    if (fingerprint === null) return;
    const { record } = run;
    const joined = this.#workers
      .alive()
      .filter(({ workerId }) => joining.includes(workerId))
      .map(({ workerId, fingerprint: own }) => ({ workerId, fingerprint: fingerprintUnder(own, record.spec) }));
    const others = joined.filter((worker) => !computesAlike(fingerprint, worker.fingerprint));
    const fast = joined.filter((worker) => isFast(worker.fingerprint)).map(({ workerId }) => workerId);
    if (others.length + fast.length === 0) return;
    // What was reported lags behind what was committed: the mark is rather too early than too late.
    const step = record.kind === 'training' ? stepsBefore(trainingTimeline(record), at.round) + 1 : 1;
    const now = this.#clock();
    if (others.length > 0) await run.dispatch({ kind: 'devices-mixed', at: now, step, fingerprint, others });
    if (fast.length > 0) await run.dispatch({ kind: 'fast-bits', at: now, step, workers: fast });
  }

  /** Where an incarnation begins: after the newest whole checkpoint, else at round 0. Throws RefusedInputError, NotYetKnownError. */
  async #startOf(run: LiveRun): Promise<{ round: number; checkpoint: string | null }> {
    const { record, loadedDetail } = run;
    if (record.kind === 'evaluation') {
      return { round: loadedDetail?.evaluation.firstMissingRound ?? record.evaluation.numRounds, checkpoint: null };
    }
    const { checkpoint, damaged } = await this.#checkpoints.newest(record);
    if (damaged.length > 0) await run.dispatch({ kind: 'checkpoints-lost', at: this.#clock(), damaged });
    if (checkpoint === undefined) {
      const { origin } = record;
      if (origin === null || origin.step === null) return { round: 0, checkpoint: null };
      // From the beginning it would become another run than its ledger says.
      throw new RefusedInputError(
        `it began with step ${origin.step} of run ${origin.runId}, and no checkpoint is whole`,
      );
    }
    const { round, directory } = checkpoint;
    const isStored = record.spec.checkpoint.store !== undefined;
    return { round, checkpoint: isStored ? directory : resolve(this.#folders.folderOf(record), directory) };
  }
}
