/** `bullmq` in the simulated world: the part of queues, workers and jobs that production code uses. */
import { EventEmitter } from 'node:events';
import { QueueData, type JobData, type JobState } from '../model/queue-data.js';
import type { RedisData } from '../model/redis-data.js';
import type { Redis } from './ioredis.js';

interface NewJob {
  readonly data: unknown;
  readonly opts: { readonly jobId: string; readonly priority: number };
}

function queueIn(data: RedisData, name: string): QueueData {
  const held = data.queues.get(name) ?? new QueueData(data.now);
  data.queues.set(name, held);
  return held;
}

export class Job {
  readonly #queueName: string;
  readonly #client: Redis;
  readonly id: string;
  readonly data: unknown;

  constructor(queueName: string, client: Redis, { id, data }: JobData) {
    this.#queueName = queueName;
    this.#client = client;
    this.id = id;
    this.data = data;
  }

  async moveToWait(token: string): Promise<void> {
    await this.#move(token, 'waiting');
  }

  async moveToCompleted(_result: unknown, token: string): Promise<void> {
    await this.#move(token, 'completed');
  }

  async moveToFailed(_error: Error, token: string): Promise<void> {
    await this.#move(token, 'failed');
  }

  async isCompleted(): Promise<boolean> {
    return await this.#client.call((data) => queueIn(data, this.#queueName).find(this.id)?.state === 'completed');
  }

  async remove(): Promise<void> {
    await this.#client.call((data) => (queueIn(data, this.#queueName).remove(({ id }) => id === this.id), null));
  }

  async extendLock(token: string, lockMs: number): Promise<number> {
    return await this.#client.call((data) => queueIn(data, this.#queueName).extend(this.id, token, lockMs));
  }

  async #move(token: string, state: JobState): Promise<void> {
    await this.#client.call((data) => (queueIn(data, this.#queueName).move(this.id, token, state), null));
  }
}

export class Queue extends EventEmitter {
  readonly #client: Redis;

  constructor(
    readonly name: string,
    options: { readonly connection: Redis },
  ) {
    super();
    this.#client = options.connection;
  }

  async addBulk(jobs: readonly NewJob[]): Promise<void> {
    await this.#with((queue) => jobs.forEach(({ data, opts }) => queue.add(opts.jobId, data, opts.priority)));
  }

  async getJobs(_states: readonly ['active']): Promise<Job[]> {
    const jobs = await this.#client.call((data) => queueIn(data, this.name).inState('active'));
    return jobs.map((job) => new Job(this.name, this.#client, job));
  }

  async getJob(id: string): Promise<Job | undefined> {
    const job = await this.#client.call((data) => queueIn(data, this.name).find(id) ?? null);
    return job === null ? undefined : new Job(this.name, this.#client, job);
  }

  async getFailedCount(): Promise<number> {
    return await this.#client.call((data) => queueIn(data, this.name).inState('failed').length);
  }

  async retryJobs({ state }: { readonly state: 'failed' }): Promise<void> {
    await this.#with((queue) => queue.inState(state).forEach(({ id }) => queue.retry(id)));
  }

  async drain(): Promise<void> {
    await this.#with((queue) => queue.remove(({ state }) => state === 'waiting'));
  }

  async obliterate(): Promise<void> {
    await this.#client.call((data) => (data.queues.delete(this.name), null));
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  async #with(change: (queue: QueueData) => void): Promise<void> {
    await this.#client.call((data) => (change(queueIn(data, this.name)), null));
  }
}

interface WorkerOptions {
  readonly connection: Redis;
  readonly lockDuration: number;
  readonly stalledInterval: number;
}

export class Worker extends EventEmitter {
  readonly #name: string;
  readonly #options: WorkerOptions;
  #stalledTimer: NodeJS.Timeout | undefined;

  constructor(name: string, _processor: null, options: WorkerOptions) {
    super();
    this.#name = name;
    this.#options = options;
  }

  /** Whoever looks first puts back what nobody renewed. */
  async startStalledCheckTimer(): Promise<void> {
    const { connection, stalledInterval } = this.#options;
    this.#stalledTimer = setInterval(() => {
      connection.call((data) => (queueIn(data, this.#name).releaseStalled(), null)).catch(() => undefined);
    }, stalledInterval);
    await Promise.resolve();
  }

  async getNextJob(token: string): Promise<Job | undefined> {
    const { connection, lockDuration } = this.#options;
    const job = await connection.call((data) => queueIn(data, this.#name).take(token, lockDuration));
    return job === null ? undefined : new Job(this.#name, connection, job);
  }

  async close(): Promise<void> {
    clearInterval(this.#stalledTimer);
    await Promise.resolve();
  }
}
