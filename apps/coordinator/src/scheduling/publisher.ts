import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { numRoundsOf, timelineOf, type Assignment, type Timeline, type WorkerHeartbeat } from '#contracts';
import { AssignmentBoard, planShards, planText, ShardQueue, epochSize } from '#queue';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG, LOGGER } from '../config/settings.js';
import { RedisLink } from '../redis/redis-link.js';
import type { LiveRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { OrphanWatch } from './orphan-watch.js';
import { runPlan, type PlanSettings } from './run-plan.js';

interface PublishedRun {
  readonly incarnation: number;
  readonly queue: ShardQueue;
  plan: string;
  plannedUntil: number;
  checkedFailedAt: number;
  isWithdrawn: boolean;
}

/** Shards in Redis at a time: some 2 MB, and added in about two seconds. */
const MAX_SHARDS = 5_000;
const CHECK_FAILED_EVERY_MS = 5_000;
/** Queues of runs that are over that stay to be looked at. */
const KEEP_ENDED_QUEUES = 5;

/**
 * Makes Redis say what the runs' records call for: plans, shards, assignments. Level-triggered: it compares and writes
 * what is missing, so it serves a fresh start, a restart and a Redis that was emptied alike.
 */
@Injectable()
export class Publisher implements OnApplicationShutdown {
  readonly #redis: Redis;
  readonly #runs: RunRegistry;
  readonly #settings: PlanSettings;
  readonly #logger: Logger;
  readonly #board: AssignmentBoard;
  readonly #published = new Map<string, PublishedRun>();
  readonly #ended = new Map<string, ShardQueue>();
  readonly #orphans = new OrphanWatch();
  #hasSweptEnded = false;
  /** One after the other: what is erased must not be written again by a look that began before. */
  #turn: Promise<unknown> = Promise.resolve();
  #shown: readonly ShardQueue[] = [];

  constructor(
    { commands }: RedisLink,
    runs: RunRegistry,
    folders: CheckpointFiles,
    @Inject(CONFIG) { parameterServers }: CoordinatorConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#runs = runs;
    this.#redis = commands;
    this.#settings = { parameterServers, folderOf: (record) => folders.folderOf(record) };
    this.#logger = logger;
    this.#board = new AssignmentBoard(commands);
  }

  /** The queues worth looking at; another list where they have changed. */
  get queues(): readonly ShardQueue[] {
    return this.#shown;
  }

  /** Runs of which something is published, over or not. */
  get publishedIds(): Iterable<string> {
    return this.#published.keys();
  }

  /** Throws when Redis does not answer; the next call goes on where it stopped. `runs`: those that are not over or published. */
  reconcile(runs: readonly LiveRun[], workers: readonly WorkerHeartbeat[]): Promise<void> {
    return this.#inTurn(() => this.#reconcile(runs, workers));
  }

  /** Takes away all that Redis holds of a run that nobody serves: its plan and the queues of its incarnations. */
  erase(runId: string, incarnation: number): Promise<void> {
    return this.#inTurn(async () => {
      const queues = [this.#published.get(runId)?.queue, this.#ended.get(runId)];
      this.#published.delete(runId);
      this.#ended.delete(runId);
      this.#showQueues();
      for (const queue of queues) await queue?.close();
      await this.#board.removePlan(runId);
      for (let number = 1; number <= incarnation; number += 1) await this.#obliterate(runId, number);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #reconcile(runs: readonly LiveRun[], workers: readonly WorkerHeartbeat[]): Promise<void> {
    for (const run of runs) {
      const { state } = run.record;
      if (state === 'running' || state === 'pausing') await this.#publish(run, workers);
      else if (run.record.incarnation > 0) await this.#withdraw(run, workers);
    }
    if (!this.#hasSweptEnded) await this.#sweepEnded();
    await this.#board.writeAssignments(wantedAssignments(runs));
  }

  /** Redis may have lost anything: publish all again. */
  forget(): void {
    for (const held of this.#published.values()) held.plan = '';
  }

  async onApplicationShutdown(): Promise<void> {
    const queues = [...this.#published.values()].map(({ queue }) => queue);
    await Promise.allSettled([...queues, ...this.#ended.values()].map((queue) => queue.close()));
  }

  async #publish(run: LiveRun, workers: readonly WorkerHeartbeat[]): Promise<void> {
    const { record } = run;
    const plan = runPlan(record, this.#settings);
    const text = planText(plan);
    const held = await this.#queueOf(run);
    const until = plannedUntil(timelineOf(record), run.roundsDone);
    const inRedis = await this.#board.heldPlan(run.id);
    const isIntact = held.plan !== '' && inRedis === held.plan;
    if (!isIntact || held.plannedUntil < until) {
      const fromRound = isIntact ? held.plannedUntil : run.roundsDone;
      await held.queue.add(
        planShards({
          runId: run.id,
          timeline: timelineOf(record),
          incarnation: record.incarnation,
          startRound: record.start.round,
          fromRound,
          untilRound: until,
        }),
      );
      held.plannedUntil = until;
    }
    if (inRedis !== text) await this.#board.writePlan(plan);
    if (!isIntact && run.hasProgress)
      this.#logger.info({ event: 'run-republished', run: run.id, round: run.roundsDone });
    held.plan = text;
    held.isWithdrawn = false;
    await this.#retryFailed(run, held);
    await this.#reopen(run, held, workers);
  }

  async #queueOf(run: LiveRun): Promise<PublishedRun> {
    const { incarnation } = run.record;
    const held = this.#published.get(run.id);
    if (held?.incarnation === incarnation) return held;
    await held?.queue.close();
    this.#published.delete(run.id);
    for (let older = incarnation - 1; older >= 1; older -= 1) {
      if (!(await this.#obliterate(run.id, older))) break;
    }
    const fresh = {
      isWithdrawn: false,
      incarnation,
      queue: this.#openQueue(run.id, incarnation),
      plan: '',
      plannedUntil: 0,
      checkedFailedAt: 0,
    };
    this.#published.set(run.id, fresh);
    this.#showQueues();
    return fresh;
  }

  /**
   * A run that is paused, starved or over: its plan stands for as long as a worker has to read it. A worker takes only
   * a plan for an order to leave; that its assignment is gone may mean that Redis was emptied.
   */
  async #withdraw(run: LiveRun, workers: readonly WorkerHeartbeat[]): Promise<void> {
    const held = this.#published.get(run.id);
    const isServed = workers.some((worker) => worker.runId === run.id);
    if (held === undefined && !isServed) return;
    if (isServed || held?.isWithdrawn === false) {
      const plan = runPlan(run.record, this.#settings);
      if ((await this.#board.heldPlan(run.id)) !== planText(plan)) await this.#board.writePlan(plan);
    }
    if (held?.isWithdrawn === false) {
      if (run.isOver) await held.queue.drain();
      held.isWithdrawn = true;
    }
    if (isServed) return;
    await this.#board.removePlan(run.id);
    this.#published.delete(run.id);
    if (held === undefined) return;
    if (run.isOver) await this.#keepEnded(run.id, held.queue);
    else await held.queue.close();
    this.#showQueues();
  }

  async #keepEnded(runId: string, queue: ShardQueue): Promise<void> {
    this.#ended.set(runId, queue);
    for (const [oldest, old] of this.#ended) {
      if (this.#ended.size <= KEEP_ENDED_QUEUES) break;
      this.#ended.delete(oldest);
      await old.obliterate();
      await old.close();
    }
  }

  /** Once, at start: what runs ended by an earlier process have left behind. */
  async #sweepEnded(): Promise<void> {
    const isLeft = (runId: string): boolean => this.#runs.isEnded(runId) && !this.#published.has(runId);
    for (const runId of await this.#board.plannedRuns()) if (isLeft(runId)) await this.#board.removePlan(runId);
    const left = (await ShardQueue.all(this.#redis)).filter(({ runId }) => isLeft(runId));
    // Ids sort by time.
    for (const [index, { runId, incarnation }] of left.toSorted((a, b) => (a.runId < b.runId ? 1 : -1)).entries()) {
      if (index >= KEEP_ENDED_QUEUES) await this.#obliterate(runId, incarnation);
      else {
        const queue = this.#openQueue(runId, incarnation);
        await queue.drain();
        this.#ended.set(runId, queue);
      }
    }
    this.#hasSweptEnded = true;
    this.#showQueues();
  }

  async #obliterate(runId: string, incarnation: number): Promise<boolean> {
    if (!(await ShardQueue.exists(this.#redis, runId, incarnation))) return false;
    const queue = this.#openQueue(runId, incarnation);
    try {
      await queue.obliterate();
    } finally {
      await queue.close();
    }
    return true;
  }

  async #retryFailed(run: LiveRun, held: PublishedRun): Promise<void> {
    const now = performance.now();
    if (now - held.checkedFailedAt < CHECK_FAILED_EVERY_MS) return;
    held.checkedFailedAt = now;
    const failed = await held.queue.retryFailed();
    if (failed === 0) return;
    run.note({
      level: 'warning',
      topic: 'data',
      message: `${failed} failed shards were put back into the queue`,
    });
  }

  /** Shards that are done for the queue and for nobody else are planned once more. */
  async #reopen(run: LiveRun, held: PublishedRun, workers: readonly WorkerHeartbeat[]): Promise<void> {
    const orphans = this.#orphans.observe(run, workers, performance.now());
    if (orphans === null || orphans.round >= held.plannedUntil) return;
    const { record } = run;
    const shards = planShards({
      runId: run.id,
      timeline: timelineOf(record),
      incarnation: record.incarnation,
      startRound: record.start.round,
      fromRound: orphans.round,
      untilRound: orphans.round + 1,
    });
    const reopened = await held.queue.reopen(shards.filter(({ lane }) => orphans.lanes.includes(lane)));
    if (reopened === 0) return;
    const message = `${reopened} shards that were completed by workers now gone were put back into the queue`;
    run.note({ level: 'warning', topic: 'data', message });
  }

  #openQueue(runId: string, incarnation: number): ShardQueue {
    return new ShardQueue({ redis: this.#redis, runId, incarnation, logger: this.#logger });
  }

  #showQueues(): void {
    this.#shown = [...[...this.#published.values()].map(({ queue }) => queue), ...this.#ended.values()];
  }
}

function wantedAssignments(runs: readonly LiveRun[]): Map<string, Assignment> {
  const wanted = new Map<string, Assignment>();
  for (const { record } of runs) {
    for (const { workerId, coldStart } of record.assigned) {
      wanted.set(workerId, { runId: record.id, incarnation: record.incarnation, coldStart });
    }
  }
  return wanted;
}

/** Until which round shards should be in the queue: the end of the run where that is few enough, else whole epochs. */
function plannedUntil(timeline: Timeline, roundsDone: number): number {
  const { rounds, shards } = epochSize(timeline);
  const epoch = Math.floor(roundsDone / rounds);
  const epochsAhead = Math.max(2, Math.floor(MAX_SHARDS / shards));
  return Math.min((epoch + epochsAhead) * rounds, numRoundsOf(timeline));
}
