import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startEmbeddedRedis, type EmbeddedRedis } from '#queue';
import { silentLogger } from '#telemetry';
import { startApplication, type ApplicationOptions, type RunningCoordinator } from '../application.js';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { FakeFleet } from './fake-fleet.js';

/** Heartbeats of fake workers come every 50 ms. */
const WORKER_TTL_MS = 800;
const TICK_MS = 150;
const WAIT_LIMIT_MS = 15_000;

/** A folder, a Redis and, when started, a coordinator with fake workers. */
export class TestStack {
  readonly redis: Redis;
  readonly fleet: FakeFleet;
  application: RunningCoordinator | undefined;

  private constructor(
    readonly directory: string,
    readonly server: EmbeddedRedis,
  ) {
    this.redis = new Redis(server.url);
    // The server may be stopped by a test.
    this.redis.on('error', () => undefined);
    this.fleet = new FakeFleet(server.url);
  }

  /** On a server that other stacks have used; it is emptied. */
  static async open(server: EmbeddedRedis): Promise<TestStack> {
    const stack = new TestStack(await mkdtemp(join(tmpdir(), 'skiplane-coordinator-')), server);
    await stack.redis.flushall();
    return stack;
  }

  static async openServer(port?: number): Promise<EmbeddedRedis> {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'skiplane-redis-'));
    return startEmbeddedRedis({ dataDirectory, ...(port === undefined ? {} : { port }) });
  }

  get datasetPath(): string {
    return join(this.directory, 'images');
  }

  get url(): string {
    if (this.application === undefined) throw new Error('the coordinator is not started');
    return this.application.url;
  }

  config(settings: Partial<CoordinatorConfig> = {}): CoordinatorConfig {
    return {
      redisUrl: this.server.url,
      host: '127.0.0.1',
      port: 0,
      apiKey: undefined,
      dataDirectory: join(this.directory, 'data'),
      checkpointDirectory: join(this.directory, 'checkpoints'),
      parameterServers: ['127.0.0.1:7070'],
      exitsWithParent: false,
      logLevel: 'silent',
      ...settings,
    };
  }

  async start(
    settings: Partial<CoordinatorConfig> = {},
    options: Partial<ApplicationOptions> = {},
  ): Promise<RunningCoordinator> {
    this.application = await startApplication({
      config: this.config(settings),
      logger: silentLogger(),
      workerTtlMs: WORKER_TTL_MS,
      tickMs: TICK_MS,
      dashboardDirectory: join(this.directory, 'dashboard'),
      ...options,
    });
    return this.application;
  }

  async stop(): Promise<void> {
    await this.application?.close();
    this.application = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.close();
    await this.stop();
    this.redis.disconnect();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A data set of two classes, `numTrain` and `numVal` files in all. */
  async makeDataset(numTrain: number, numVal: number): Promise<void> {
    for (const [split, count] of [
      ['train', numTrain],
      ['val', numVal],
    ] as const) {
      for (let index = 0; index < count; index += 1) {
        const folder = join(this.datasetPath, split, index % 2 === 0 ? 'cat' : 'dog');
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, `${index}.png`), ONE_PIXEL_PNG);
      }
    }
  }
}

/** The smallest PNG. */
const ONE_PIXEL_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Asks until the answer holds; the limit only ends a test that has failed. */
export async function until<T>(ask: () => T | Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + WAIT_LIMIT_MS;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`waited in vain, the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
