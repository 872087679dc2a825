import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import {
  predictionAnswerSchema,
  predictionJobSchema,
  REDIS_KEYS,
  type PredictionAnswer,
  type PredictionJob,
} from '#contracts';
import type { Logger } from '#telemetry';

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
/** What is over stays so long to be looked at, seconds. */
const KEEP_SECONDS = 300;

/**
 * The asking end of predictions. It looks for an answer instead of listening for it: an event that is missed while Redis
 * comes back would be waited for in vain.
 */
export class PredictionQueue {
  readonly #queue: Queue;

  constructor({ redis, logger }: PredictionQueueOptions) {
    this.#queue = new Queue(REDIS_KEYS.predictionsQueue, {
      connection: redis,
      prefix: REDIS_KEYS.queuePrefix,
      skipWaitingForReady: true,
      streams: { events: { maxLen: 1_000 } },
      defaultJobOptions: { removeOnComplete: { age: KEEP_SECONDS }, removeOnFail: { age: KEEP_SECONDS } },
    });
    this.#queue.on('error', (error) => logger.debug({ event: 'queue-error', error: error.message }));
  }

  /** Rejects with PredictionTimeoutError after the job's deadline, with PredictionFailedError, or as Redis does. */
  async ask(job: PredictionJob, signal: AbortSignal): Promise<PredictionAnswer> {
    const jobId = randomUUID();
    await this.#queue.add('predict', predictionJobSchema.parse(job), { jobId });
    try {
      return await this.#answerOf(jobId, job.deadline, signal);
    } catch (error) {
      // Nobody waits for it any more. One that a worker holds cannot be removed; it ends by itself.
      await this.#queue.remove(jobId).catch(() => 0);
      throw error;
    }
  }

  /** Lets go of the queue; what is in Redis stays. */
  async close(): Promise<void> {
    await this.#queue.close();
  }

  async #answerOf(jobId: string, deadline: number, signal: AbortSignal): Promise<PredictionAnswer> {
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(LONGEST_LOOK_MS, wait * 1.3)) {
      await delay(wait, undefined, { signal });
      const job = await Job.fromId(this.#queue, jobId);
      if (job?.finishedOn !== undefined) {
        if (job.failedReason) throw new PredictionFailedError(job.failedReason);
        return predictionAnswerSchema.parse(job.returnvalue);
      }
      if (Date.now() > deadline) {
        throw new PredictionTimeoutError(
          job?.processedOn === undefined ? 'no worker took it up' : 'a worker has not ended it yet',
        );
      }
    }
  }
}
