import type { Redis } from 'ioredis';
import { REDIS_KEYS } from '#queue';
import { runPlanSchema, type BestEvaluation, type Report, type RunPlan } from '#contracts';
import { heartbeat } from '#contracts/testing';
import { createRedisConnection, LaneLeases, WorkerLink, type LaneLease } from '#queue';
import { silentLogger, skiplaneVersion } from '#telemetry';

/** What the fake replicas of one incarnation have in common, as real ones have it through their parameter servers. */
export interface FakeReplica {
  round: number;
  isOver: boolean;
  /** The best evaluation so far, of a run that keeps the best checkpoint. */
  best: BestEvaluation | null;
  readonly holders: Set<FakeWorker>;
}

/** What a fake worker needs of its fleet. */
export interface Fleet {
  readonly workers: Set<FakeWorker>;
  replica(plan: RunPlan): FakeReplica;
  advance(plan: RunPlan, replica: FakeReplica, by: FakeWorker): Promise<void>;
  checkpoint(plan: RunPlan, replica: FakeReplica, by: FakeWorker): Promise<unknown>;
}

export interface FakeWorkerOptions {
  readonly workerId: string;
  readonly redisUrl: string;
  readonly fleet: Fleet;
  readonly fingerprint?: string;
  /** Refuses every run, with this reason. */
  readonly refusal?: string;
  /** How far the clock of its host is ahead. */
  readonly clockOffsetMs?: number;
}

interface Session {
  readonly key: string;
  readonly plan: RunPlan;
  readonly replica: FakeReplica;
  readonly leases: LaneLeases;
}

const TURN_MS = 4;
const BEAT_EVERY_TURNS = 12;
const CLOSED_AFTER_MS = 2_000;

/** A worker without a device; see FakeFleet. */
export class FakeWorker {
  readonly #options: FakeWorkerOptions;
  readonly workerId: string;
  readonly #connections: readonly Redis[];
  readonly #link: WorkerLink;
  readonly #startedAt: number;
  #session: Session | undefined;
  #held: LaneLease[] = [];
  #over = '';
  #isGone = false;
  #turning: Promise<void> = Promise.resolve();

  constructor(options: FakeWorkerOptions) {
    this.#options = options;
    this.workerId = options.workerId;
    this.#startedAt = this.now();
    const logger = silentLogger();
    const open = (purpose: 'commands' | 'blocking' | 'subscriber'): Redis =>
      createRedisConnection(options.redisUrl, { purpose, logger });
    const [connection, blocking, subscriber] = [open('commands'), open('blocking'), open('subscriber')];
    this.#connections = [connection, blocking, subscriber];
    this.#link = new WorkerLink({ workerId: options.workerId, connection, subscriber, logger });
  }

  async start(): Promise<void> {
    await this.#beat(true);
    this.#turning = this.#turn();
  }

  /** Is gone without a word, as after kill -9: its leases and its last heartbeat stay behind. */
  async kill(): Promise<void> {
    this.#isGone = true;
    this.#options.fleet.workers.delete(this);
    await this.#turning;
    this.#session?.replica.holders.delete(this);
    await this.#session?.leases.close();
    for (const connection of this.#connections) connection.disconnect();
    // As peers do that see its connection close.
    for (const peer of this.#options.fleet.workers) await peer.#session?.leases.reclaim(this.workerId);
  }

  /** Leaves in order. */
  async leave(): Promise<void> {
    this.#isGone = true;
    await this.#turning;
    for (const { leaseId } of this.#held) await this.#session?.leases.release(leaseId);
    await this.#link.sayGoodbye();
    await this.kill();
  }

  /** By the clock of its host. */
  now(): number {
    return Date.now() + (this.#options.clockOffsetMs ?? 0);
  }

  report(report: Report): void {
    this.#link.report(report);
  }

  lanesAt(round: number): number[] {
    return this.#held
      .filter(({ shard }) => shard.firstRound <= round && round < shard.firstRound + shard.numRounds)
      .map(({ shard }) => shard.lane);
  }

  async #turn(): Promise<void> {
    for (let turn = 0; !this.#isGone; turn += 1) {
      try {
        await this.#obey();
        if (turn % BEAT_EVERY_TURNS === 0) await this.#beat(false);
        await this.#train();
      } catch {
        // Redis is away: the next turn tries again, as a worker does.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
  }

  async #obey(): Promise<void> {
    const order = await this.#link.readAssignment();
    // That an assignment is absent may mean that Redis was emptied: only another one, or a plan, ends a session.
    if (order === null && this.#session !== undefined) return this.#followPlan(this.#session);
    const key = order === null ? '' : `${order.assignment.runId} ${order.assignment.incarnation}`;
    if (this.#session && this.#session.key !== key) await this.#endSession();
    if (order === null || key === this.#over || this.#options.refusal !== undefined) return;
    if (
      this.#session === undefined &&
      order.plan.desired === 'train' &&
      order.plan.incarnation === order.assignment.incarnation
    ) {
      const replica = this.#options.fleet.replica(order.plan);
      this.#session = { key, plan: order.plan, replica, leases: this.#openLeases(order.plan) };
      if (order.assignment.coldStart) replica.holders.add(this);
      await this.#beat(true);
    }
    const session = this.#session;
    if (session === undefined) return;
    if (order.plan.desired === 'pause') await this.#pause(session);
    else if (order.plan.desired === 'stop' || session.replica.isOver) await this.#endSession();
  }

  async #followPlan(session: Session): Promise<void> {
    const { runId, incarnation } = session.plan;
    const text = await this.#connections[0]?.get(REDIS_KEYS.plan(runId));
    if (typeof text !== 'string') return;
    const plan = runPlanSchema.parse(JSON.parse(text));
    if (plan.incarnation !== incarnation || plan.desired === 'stop') await this.#endSession();
    else if (plan.desired === 'pause') await this.#pause(session);
  }

  async #train(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const { replica, leases, plan } = session;
    if (!replica.holders.has(this) && replica.holders.size > 0) replica.holders.add(this);
    const done = this.#held.filter(({ shard }) => shard.firstRound + shard.numRounds <= replica.round);
    this.#held = this.#held.filter((lease) => !done.includes(lease));
    for (const { leaseId } of done) await leases.complete(leaseId);
    const lease = this.#held.length < Math.ceil(plan.spec.lanes / replica.holders.size) ? await leases.fetch() : null;
    if (lease !== null) this.#held.push(lease);
    if ([...replica.holders][0] === this) await this.#options.fleet.advance(plan, replica, this);
  }

  async #pause(session: Session): Promise<void> {
    const { replica, plan } = session;
    if (!replica.isOver) {
      replica.isOver = true;
      if (replica.round > plan.start.round) await this.#options.fleet.checkpoint(plan, replica, this);
      const { runId, incarnation } = plan;
      this.report({ kind: 'paused', runId, incarnation, workerId: this.workerId, round: replica.round });
    }
    await this.#endSession();
  }

  async #endSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#held = [];
    this.#over = session?.key ?? '';
    session?.replica.holders.delete(this);
    await session?.leases.close();
    await this.#beat(true);
  }

  async #beat(isNews: boolean): Promise<void> {
    const session = this.#session;
    const isReady = session?.replica.holders.has(this) === true;
    const isRefusing = this.#options.refusal !== undefined && (await this.#link.readAssignment()) !== null;
    const sent = heartbeat({
      workerId: this.workerId,
      pid: process.pid,
      version: skiplaneVersion(),
      fingerprint: this.#options.fingerprint ?? 'fake',
      startedAt: this.#startedAt,
      at: this.now(),
      status: isRefusing ? 'refused' : session === undefined ? 'idle' : isReady ? 'ready' : 'waiting-for-state',
      reason: isRefusing ? (this.#options.refusal ?? null) : null,
      runId: session?.plan.runId ?? null,
      incarnation: session?.plan.incarnation ?? null,
      round: isReady ? session.replica.round : null,
      lanes: this.#held.map(({ shard }) => shard.lane),
    });
    await this.#link.beat(sent, isNews);
  }

  #openLeases(plan: RunPlan): LaneLeases {
    const [connection, blockingConnection] = this.#connections;
    if (connection === undefined || blockingConnection === undefined) throw new Error('bug: no connections');
    return new LaneLeases({
      queueName: plan.queueName,
      connection,
      blockingConnection,
      workerId: this.workerId,
      logger: silentLogger(),
      onLost: (leaseId) => {
        this.#held = this.#held.filter((lease) => lease.leaseId !== leaseId);
      },
      lockMs: CLOSED_AFTER_MS,
    });
  }
}
