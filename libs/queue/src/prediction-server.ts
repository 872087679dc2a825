import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { predictionJobSchema, REDIS_KEYS, type PredictionAnswer, type PredictionJob } from '#contracts';
import type { Logger } from '#telemetry';
import { redisNow } from './redis-time.js';

export interface PredictionServerOptions {
  /** A `blocking` connection; borrowed. What blocks is a copy of it. */
  readonly connection: Redis;
  readonly logger: Logger;
  /** Makes one prediction; one is made at a time. What it throws fails the job. */
  readonly predict: (job: PredictionJob) => Promise<PredictionAnswer>;
}

/** A worker that dies in the middle is noticed after so long, and another one predicts. */
const LOCK_MS = 5_000;

/** The answering end of predictions: takes them one after the other, whichever worker is the first. */
export class PredictionServer {
  readonly #worker: Worker;

  constructor({ connection, logger, predict }: PredictionServerOptions) {
    this.#worker = new Worker(
      REDIS_KEYS.predictionsQueue,
      async ({ data }) => {
        const job = predictionJobSchema.parse(data);
        if ((await redisNow(connection)) > job.deadline) throw new Error('nobody waits for it any more');
        return predict(job);
      },
      {
        connection,
        prefix: REDIS_KEYS.queuePrefix,
        autorun: false,
        concurrency: 1,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS,
        maxStalledCount: 1,
      },
    );
    this.#worker.on('error', (error) => logger.debug({ error: String(error) }, 'prediction-queue-error'));
    this.#worker.on('failed', (_job, error) => logger.warn({ error: error.message }, 'prediction-failed'));
  }

  /** Begins to take predictions; returns at once. */
  start(): void {
    void this.#worker.run();
  }

  /** Takes no more, and does not wait for the one in hand: it is made again by another worker. */
  async close(): Promise<void> {
    await this.#worker.close(true);
  }
}
