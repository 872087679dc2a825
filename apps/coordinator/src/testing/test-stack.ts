import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { runViewSchema, type RunSpecInput, type RunView } from '#contracts';
import { startEmbeddedRedis, type EmbeddedRedis } from '#queue';
import { silentLogger } from '#telemetry';
import { startApplication, type ApplicationOptions, type RunningCoordinator } from '../application.js';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { DatasetScans } from '../datasets/dataset-scans.js';
import { FakeFleet } from './fake-fleet.js';
import { specInput } from './run-record.js';
import { writeTinyImages } from './tiny-images.js';
import { until } from './until.js';

/** One for all stacks of a file: compiled, as it is a process of its own. */
const scans = new DatasetScans({
  processUrl: new URL('../../../../dist/apps/coordinator/src/datasets/dataset-scan-process.js', import.meta.url),
});
/** Heartbeats of fake workers come every 50 ms. */
const WORKER_TTL_MS = 800;
const TICK_MS = 150;

/** What a stack is opened with. */
export interface TestStackOptions {
  /** A Redis that other stacks have used; it is emptied. Default: one of its own, which stops with it. */
  readonly server?: EmbeddedRedis;
  /** Images of its data set. Default: 10 for training and 4 for validation. */
  readonly numTrain?: number;
  readonly numVal?: number;
}

/** A folder with a data set, a Redis and, when started, a coordinator with fake workers. */
export class TestStack implements AsyncDisposable {
  readonly #ownsServer: boolean;
  readonly redis: Redis;
  readonly fleet: FakeFleet;
  application: RunningCoordinator | undefined;

  private constructor(
    readonly directory: string,
    readonly server: EmbeddedRedis,
    ownsServer: boolean,
  ) {
    this.#ownsServer = ownsServer;
    this.redis = new Redis(server.url);
    // The server may be stopped by a test.
    this.redis.on('error', () => undefined);
    this.fleet = new FakeFleet(server.url);
  }

  static async open(options: TestStackOptions = {}): Promise<TestStack> {
    const { server = await TestStack.openServer(), numTrain = 10, numVal = 4 } = options;
    const directory = await mkdtemp(join(tmpdir(), 'skiplane-coordinator-'));
    const stack = new TestStack(directory, server, options.server === undefined);
    await stack.redis.flushall();
    await writeTinyImages(stack.datasetPath, numTrain, numVal);
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
    return this.running.url;
  }

  /** The coordinator as it was started last. */
  get running(): RunningCoordinator {
    if (this.application === undefined) throw new Error('the coordinator is not started');
    return this.application;
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
      trustedProxies: [],
      basePath: '',
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
      scans,
      answerWithinMs: 30_000,
      onReplaced: (error) => {
        throw error;
      },
      dashboardDirectory: join(this.directory, 'dashboard'),
      ...options,
    });
    return this.application;
  }

  async stop(): Promise<void> {
    await this.application?.close();
    this.application = undefined;
  }

  /** Posts JSON; text is taken for it as it is. */
  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** The spec of a small run on the stack's data set, but for the changes. */
  spec(changes: Partial<RunSpecInput> = {}): RunSpecInput {
    return specInput({ dataset: { kind: 'image-folder', path: this.datasetPath }, ...changes });
  }

  async submit(changes: Partial<RunSpecInput> = {}): Promise<RunView> {
    const response = await this.post('/v1/runs', this.spec(changes));
    if (response.status !== 201) throw new Error(`not submitted: ${response.status} ${await response.text()}`);
    return runViewSchema.parse(await response.json());
  }

  async run(id: string): Promise<RunView> {
    return runViewSchema.parse(await (await fetch(`${this.url}/v1/runs/${id}`)).json());
  }

  /** A run that was submitted and has finished. */
  async trained(changes: Partial<RunSpecInput> = {}): Promise<RunView> {
    const { id } = await this.submit(changes);
    return until(
      () => this.run(id),
      ({ state }) => state === 'finished',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.close();
    await this.stop();
    this.redis.disconnect();
    if (this.#ownsServer) await this.server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
