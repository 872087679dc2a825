import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { predictionJobSchema, type PredictionAnswer, type PredictionJob } from '#contracts';
import { REDIS_KEYS } from './redis-keys.js';
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

/** Pauses after an error, doubling from the first to the longest. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [250, 5_000];

/** The answering end of predictions: takes them one after the other, whichever worker is the first. */
export class PredictionServer {
  readonly #worker: Worker;
  readonly #logger: Logger;
  #pauseMs = FIRST_PAUSE_MS;
  #resuming: NodeJS.Timeout | null = null;
  #lastError = '';

  constructor({ connection, logger, predict }: PredictionServerOptions) {
    this.#logger = logger;
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
        skipVersionCheck: true,
        autorun: false,
        concurrency: 1,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS,
        maxStalledCount: 1,
      },
    );
    this.#worker.on('error', (error) => this.#pause(error));
    for (const sign of ['drained', 'active'] as const) this.#worker.on(sign, () => this.#works());
    this.#worker.on('failed', (_job, error) => logger.warn({ error: error.message }, 'prediction-failed'));
  }

  /** Begins to take predictions; returns at once. */
  start(): void {
    void this.#worker.run();
  }

  /** Takes no more, and does not wait for the one in hand: it is made again by another worker. */
  async close(): Promise<void> {
    if (this.#resuming) clearTimeout(this.#resuming);
    await this.#worker.close(true);
  }

  /** BullMQ asks again at once whatever Redis answered, as a read-only one does: a loop without an end at full speed. */
  #pause(error: Error): void {
    if (this.#lastError !== error.message) this.#logger.warn({ error: error.message }, 'prediction-queue-error');
    this.#lastError = error.message;
    if (this.#resuming) return;
    void this.#worker.pause(true);
    this.#resuming = setTimeout(() => {
      this.#resuming = null;
      void this.#worker.resume();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #works(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#lastError = '';
  }
}
