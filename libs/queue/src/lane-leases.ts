/**
 * Lane leases: the lock of a BullMQ job is the right to drive a lane for the rounds of its shard. Jobs are fetched by
 * hand, never processed by BullMQ itself, and the lock's token is the worker's id, so that anyone who sees a worker die
 * can hand its leases back at once instead of waiting for the lock to run out. Losing a lock is harmless: two workers
 * that drive one lane push the same bytes, and only a commit counts.
 */
import { REDIS_KEYS } from './redis-keys.js';
import { shardSchema, type Shard } from '#contracts';
import type { Logger } from '#telemetry';
import { Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

export interface LaneLease {
  readonly leaseId: string;
  readonly shard: Shard;
}

export interface LaneLeasesOptions {
  readonly queueName: string;
  /** For ordinary commands; must fail fast rather than wait for ever. */
  readonly connection: Redis;
  /** For BullMQ's worker object, with maxRetriesPerRequest null. */
  readonly blockingConnection: Redis;
  /** Token of every lock this worker takes. */
  readonly workerId: string;
  readonly logger: Logger;
  /** A lease that is no longer ours. */
  readonly onLost: (leaseId: string) => void;
  /** Milliseconds a lock lives without renewal. Default 15,000. */
  readonly lockMs?: number;
}

export class LaneLeases {
  readonly #options: LaneLeasesOptions;
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #held = new Map<string, Job>();
  /** Dead workers whose leases are still to be put back: Redis was away when they were noticed. */
  readonly #unreclaimed = new Set<string>();
  readonly #lockMs: number;
  readonly #renewal: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: LaneLeasesOptions) {
    this.#options = options;
    this.#lockMs = options.lockMs ?? 15_000;
    // A version check that fails while Redis is away would break these objects for good.
    const common = { prefix: REDIS_KEYS.queuePrefix, skipVersionCheck: true };
    this.#queue = new Queue(options.queueName, { ...common, connection: options.connection });
    this.#worker = new Worker(options.queueName, null, {
      ...common,
      connection: options.blockingConnection,
      autorun: false,
      lockDuration: this.#lockMs,
      stalledInterval: this.#lockMs,
      // A shard is never given up: however often its worker died, the next one computes the same bits.
      maxStalledCount: 1_000_000,
    });
    this.#queue.on('error', (error) => options.logger.warn({ error: String(error) }, 'lease-queue-error'));
    this.#worker.on('error', (error) => options.logger.warn({ error: String(error) }, 'lease-worker-error'));
    this.#renewal = setInterval(() => void this.renew(), this.#lockMs / 3);
  }

  /** Also puts back jobs whose lock ran out: the backstop for deaths that nobody saw. */
  async start(): Promise<void> {
    await this.#worker.startStalledCheckTimer();
  }

  /** The next waiting shard, or null when there is none now. A job that is no shard is failed, not retried. */
  async fetch(): Promise<LaneLease | null> {
    if (this.#isClosed) return null;
    await this.#reclaimRest();
    const job = await this.#worker.getNextJob(this.#options.workerId, { block: false });
    if (!job?.id) return null;
    const parsed = shardSchema.safeParse(job.data);
    if (!parsed.success) {
      this.#options.logger.error({ jobId: job.id, fault: parsed.error.message }, 'lease-malformed-shard');
      await job.moveToFailed(new Error(`not a shard: ${parsed.error.message}`), this.#options.workerId, false);
      return null;
    }
    this.#held.set(job.id, job);
    return { leaseId: job.id, shard: parsed.data };
  }

  /** Puts the shard back at the head of the queue. */
  async release(leaseId: string): Promise<void> {
    const job = this.#held.get(leaseId);
    this.#held.delete(leaseId);
    if (job) await this.#attempt('release', leaseId, () => job.moveToWait(this.#options.workerId));
  }

  /** Marks the shard as done. */
  async complete(leaseId: string): Promise<void> {
    const job = this.#held.get(leaseId);
    this.#held.delete(leaseId);
    if (job) {
      await this.#attempt('complete', leaseId, () =>
        job.moveToCompleted({ worker: this.#options.workerId }, this.#options.workerId, false),
      );
    }
  }

  /**
   * Puts every shard that a dead worker held back at the head of the queue. Several may try: one succeeds. Where Redis is
   * away it rejects, and is done by the first `fetch` or `renew` after that.
   */
  async reclaim(deadWorkerId: string): Promise<number> {
    this.#unreclaimed.add(deadWorkerId);
    const jobs = await this.#queue.getJobs(['active']);
    const others = jobs.filter((job) => job && !this.#held.has(job.id ?? ''));
    const moved = await Promise.allSettled(others.map((job) => job.moveToWait(deadWorkerId)));
    for (const result of moved) if (result.status === 'rejected' && !isRefusal(result.reason)) throw result.reason;
    this.#unreclaimed.delete(deadWorkerId);
    return moved.filter((result) => result.status === 'fulfilled').length;
  }

  /** Renews every lock; a lock that another worker has now is reported as lost, an unreachable Redis is not. */
  async renew(): Promise<void> {
    // Redis is still away: the next one tries again.
    await this.#reclaimRest().catch(() => undefined);
    await Promise.all(
      [...this.#held].map(async ([leaseId, job]) => {
        const client = this.#options.connection;
        try {
          if ((await job.extendLock(this.#options.workerId, this.#lockMs)) === 1) return;
          this.#lose(leaseId);
        } catch (error) {
          if (client.status === 'ready' && isLockLoss(error)) this.#lose(leaseId);
          else this.#options.logger.warn({ leaseId, error: String(error) }, 'lease-not-renewed');
        }
      }),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#renewal);
    await Promise.allSettled([this.#worker.close(true), this.#queue.close()]);
  }

  async #reclaimRest(): Promise<void> {
    for (const workerId of this.#unreclaimed) await this.reclaim(workerId);
  }

  #lose(leaseId: string): void {
    if (!this.#held.delete(leaseId)) return;
    this.#options.logger.warn({ leaseId }, 'lease-lost');
    this.#options.onLost(leaseId);
  }

  async #attempt(action: string, leaseId: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      // The lock expired, the queue is gone or Redis is away: the fence is the commit, so training goes on.
      this.#options.logger.warn({ leaseId, action, error: String(error) }, 'lease-action-failed');
    }
  }
}

/** The queue's own answer, e.g. that another worker has the lock: BullMQ gives it a number. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';
const isLockLoss = (error: unknown): boolean => /lock/i.test(String(error));
