import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { predictionAnswerSchema, predictionJobSchema, type PredictionAnswer, type PredictionJob } from '#contracts';
import { REDIS_KEYS } from './redis-keys.js';
import type { Logger } from '#telemetry';
import { redisNow } from './redis-time.js';

/** No worker took the prediction up, or ended it, in time. */
export class PredictionTimeoutError extends Error {
  override readonly name = 'PredictionTimeoutError';
}

/** A worker took the prediction up and could not make it, by a fault of its own. */
export class PredictionFailedError extends Error {
  override readonly name = 'PredictionFailedError';
}

export interface PredictionQueueOptions {
  /** A `commands` connection; borrowed, not closed. */
  readonly redis: Redis;
  readonly logger: Logger;
}

/** How often the answer is looked for: at first, and at most, milliseconds. */
const [FIRST_LOOK_MS, LONGEST_LOOK_MS] = [20, 250];
/** The last ones that are over stay to be looked at. */
const KEEP_OVER = 100;
/**
 * What askers left behind that died, and all that is under way. BullMQ would also remove by age or rank, but by the clock of
 * the worker that ends a job: one that is ahead would take away the others' answers before anybody has read them.
 */
const MOST_IN_REDIS = 10_000;

/**
 * The asking end of predictions. It looks for an answer instead of listening for it: an event that is missed while Redis
 * comes back would be waited for in vain.
 */
export class PredictionQueue {
  readonly #queue: Queue;
  readonly #redis: Redis;
  readonly #over: string[] = [];

  constructor({ redis, logger }: PredictionQueueOptions) {
    this.#redis = redis;
    this.#queue = new Queue(REDIS_KEYS.predictionsQueue, {
      connection: redis,
      prefix: REDIS_KEYS.queuePrefix,
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: 1_000 } },
      defaultJobOptions: { removeOnComplete: { count: MOST_IN_REDIS }, removeOnFail: { count: MOST_IN_REDIS } },
    });
    this.#queue.on('error', (error) => logger.debug({ event: 'queue-error', error: error.message }));
  }

  /** Rejects with PredictionTimeoutError after `timeoutMs`, with PredictionFailedError, or as Redis does. */
  async ask(job: Omit<PredictionJob, 'deadline'>, timeoutMs: number, signal: AbortSignal): Promise<PredictionAnswer> {
    const jobId = randomUUID();
    const giveUpAt = performance.now() + timeoutMs;
    const deadline = (await redisNow(this.#redis)) + timeoutMs;
    await this.#queue.add('predict', predictionJobSchema.parse({ ...job, deadline }), { jobId });
    try {
      const answer = await this.#answerOf(jobId, giveUpAt, signal);
      await this.#keepOver(jobId);
      return answer;
    } catch (error) {
      // Nobody waits for it any more. One that a worker holds cannot be removed; it ends by itself.
      if (error instanceof PredictionFailedError) await this.#keepOver(jobId);
      else await this.#queue.remove(jobId).catch(() => 0);
      throw error;
    }
  }

  /** Lets go of the queue; what is in Redis stays. */
  async close(): Promise<void> {
    await this.#queue.close();
  }

  async #keepOver(jobId: string): Promise<void> {
    this.#over.push(jobId);
    const oldest = this.#over.length > KEEP_OVER ? this.#over.shift() : undefined;
    if (oldest !== undefined) await this.#queue.remove(oldest).catch(() => 0);
  }

  async #answerOf(jobId: string, giveUpAt: number, signal: AbortSignal): Promise<PredictionAnswer> {
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(LONGEST_LOOK_MS, wait * 1.3)) {
      await delay(wait, undefined, { signal });
      const job = await Job.fromId(this.#queue, jobId);
      if (job?.finishedOn !== undefined) {
        if (job.failedReason) throw new PredictionFailedError(job.failedReason);
        return predictionAnswerSchema.parse(job.returnvalue);
      }
      if (performance.now() > giveUpAt) {
        throw new PredictionTimeoutError(
          job?.processedOn === undefined ? 'no worker took it up' : 'a worker has not ended it yet',
        );
      }
    }
  }
}
