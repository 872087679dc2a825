import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { REDIS_KEYS } from './redis-keys.js';
import { shardSchema, type Shard } from '#contracts';
import type { Logger } from '#telemetry';
import { scanKeys } from './scan-keys.js';
import { shardJobId } from './shard-planner.js';

/** Shards per round trip to Redis: some 300 bytes each. */
const CHUNK = 500;
/** Completed shards kept for the board. */
const KEEP_COMPLETED = 1_000;

export interface ShardQueueOptions {
  /** A `commands` connection; borrowed, not closed. */
  readonly redis: Redis;
  readonly runId: string;
  readonly incarnation: number;
  readonly logger: Logger;
}

/** BullMQ's largest priority number; beyond it shards are taken in the order in which they were added. */
const MAX_PRIORITY = 2_097_152;

/** The producer's end of one incarnation's queue. Cost: one round trip per 500 shards. */
export class ShardQueue {
  readonly name: string;
  /** The BullMQ queue itself, for the board. */
  readonly queue: Queue<Shard>;

  constructor(options: ShardQueueOptions) {
    this.name = REDIS_KEYS.queueName(options.runId, options.incarnation);
    this.queue = new Queue<Shard>(this.name, {
      connection: options.redis,
      prefix: REDIS_KEYS.queuePrefix,
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: 1_000 } },
      defaultJobOptions: { removeOnComplete: { count: KEEP_COMPLETED } },
    });
    this.queue.on('error', (error) =>
      options.logger.debug({ event: 'queue-error', queue: this.name, error: error.message }),
    );
  }

  /** Adds shards in order. A shard that the queue already holds, waiting or done, is left as it is. */
  async add(shards: readonly Shard[]): Promise<void> {
    for (let from = 0; from < shards.length; from += CHUNK) {
      const jobs = shards.slice(from, from + CHUNK).map((shard) => ({
        name: `${shard.kind} lane ${shard.lane}`,
        data: shardSchema.parse(shard),
        // Earlier rounds first, whatever the order in which shards come back: a lane without a worker holds up everyone.
        opts: { jobId: shardJobId(shard), priority: Math.min(shard.firstRound + 1, MAX_PRIORITY) },
      }));
      await this.queue.addBulk(jobs);
    }
  }

  /** Puts failed shards back into the queue and says how many there were: only a person or a fault fails a shard. */
  async retryFailed(): Promise<number> {
    const failed = await this.queue.getFailedCount();
    if (failed > 0) await this.queue.retryJobs({ state: 'failed' });
    return failed;
  }

  /** Plans shards anew that the queue holds as completed, or not at all; says how many there were. */
  async reopen(shards: readonly Shard[]): Promise<number> {
    let numReopened = 0;
    for (const shard of shards) {
      const job = await this.queue.getJob(shardJobId(shard));
      if (job && !(await job.isCompleted())) continue;
      await job?.remove();
      await this.add([shard]);
      numReopened += 1;
    }
    return numReopened;
  }

  /** Whether Redis holds anything of this queue. */
  static async exists(redis: Redis, runId: string, incarnation: number): Promise<boolean> {
    const key = `${REDIS_KEYS.queuePrefix}:${REDIS_KEYS.queueName(runId, incarnation)}:meta`;
    return (await redis.exists(key)) === 1;
  }

  /** Queues that Redis holds anything of. */
  static async all(redis: Redis): Promise<{ readonly runId: string; readonly incarnation: number }[]> {
    const keys = await scanKeys(redis, `${REDIS_KEYS.queuePrefix}:run-*:meta`);
    return keys.flatMap((key) => {
      const [, runId = '', incarnation] = /:run-(.+)-(\d+):meta$/.exec(key) ?? [];
      return incarnation === undefined ? [] : [{ runId, incarnation: Number(incarnation) }];
    });
  }

  /** Takes away the shards nobody has begun; completed ones stay to be looked at. */
  async drain(): Promise<void> {
    await this.queue.drain();
  }

  /** Removes the queue and all that is in it. Workers that still hold one of its shards lose their lock. */
  async obliterate(): Promise<void> {
    await this.queue.obliterate({ force: true });
  }

  /** Lets go of the queue; what is in Redis stays. */
  async close(): Promise<void> {
    await this.queue.close();
  }
}
