import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { runViewSchema, type RunSpecInput, type RunView } from '#contracts';
import { startEmbeddedRedis, type EmbeddedRedis } from '#queue';
import { silentLogger } from '#telemetry';
import { nestOptions, serve, type ApplicationOptions, type RunningCoordinator } from '../application.js';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CLOCK, DURATIONS, USUAL_DURATIONS, type Durations } from '../config/settings.js';
import { CoordinatorModule } from '../coordinator.module.js';
import { SAMPLE_PROCESS_URL } from '../datasets/dataset-samples.js';
import { DatasetScans } from '../datasets/dataset-scans.js';
import { EXPORT_THREAD_URL } from '../exports/exports.js';
import { readStoreSettings } from '#stores';
import { RunRegistry } from '../runs/run-registry.js';
import { FakeFleet } from './fake-fleet.js';
import { specInput } from './run-record.js';
import { writeTinyImages } from './tiny-images.js';
import { until } from './until.js';

/** Of what is a process or a thread of its own. */
const built = (name: string): URL => new URL(`../../../../dist/programs/${name}.js`, import.meta.url);
/** One for all stacks of a file. */
const keptFolder = join(tmpdir(), `skiplane-kept-${process.pid}`);
const scans = new DatasetScans({
  processUrl: built('dataset-scan-process'),
  keptFolder,
  stores: readStoreSettings({}),
});
/** What a coordinator sees of it: not its end. */
const sharedScans: Pick<DatasetScans, 'inspect' | 'keptFolder'> = {
  keptFolder,
  inspect: (spec, tell, options) => scans.inspect(spec, tell, options),
};
/** Heartbeats of fake workers come every 50 ms. */
const WORKER_TTL_MS = 800;
const TICK_MS = 150;

/** What a stack's coordinator has that others have not. */
export interface StackChanges extends Partial<ApplicationOptions> {
  readonly durations?: Partial<Durations>;
  readonly clock?: () => number;
}

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
    const server = await startEmbeddedRedis({ dataDirectory, ...(port === undefined ? {} : { port }) });
    const stop: EmbeddedRedis['stop'] = async (graceMs) => {
      await server.stop(graceMs);
      await rm(dataDirectory, { recursive: true, force: true });
    };
    return { ...server, stop };
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

  /** The runs, as the coordinator has them in memory. */
  get registry(): RunRegistry {
    return this.running.get(RunRegistry);
  }

  config(settings: Partial<CoordinatorConfig> = {}): CoordinatorConfig {
    return {
      redisUrl: this.server.url,
      host: '127.0.0.1',
      port: 0,
      apiKey: undefined,
      dataDirectory: join(this.directory, 'data'),
      checkpointDirectory: join(this.directory, 'checkpoints'),
      logDirectory: join(this.directory, 'logs'),
      retention: [],
      parameterServers: ['127.0.0.1:7070'],
      trustedProxies: [],
      basePath: '',
      stores: readStoreSettings({}),
      exitsWithParent: false,
      logLevel: 'silent',
      ...settings,
    };
  }

  async start(
    settings: Partial<CoordinatorConfig> = {},
    { durations = {}, clock = () => Date.now(), ...changes }: StackChanges = {},
  ): Promise<RunningCoordinator> {
    const options: ApplicationOptions = {
      config: this.config(settings),
      logger: silentLogger(),
      onReplaced: (error) => {
        throw error;
      },
      dashboardDirectory: join(this.directory, 'dashboard'),
      ...changes,
    };
    const short = {
      ...USUAL_DURATIONS,
      workerTtlMs: WORKER_TTL_MS,
      tickMs: TICK_MS,
      faultLookMs: TICK_MS,
      answerMs: 30_000,
      ...durations,
    };
    this.application = await serve(options, async () => {
      const module = await Test.createTestingModule({ imports: [CoordinatorModule.with(options)] })
        .setLogger(nestOptions(options.logger).logger)
        .overrideProvider(DatasetScans)
        .useValue(sharedScans)
        .overrideProvider(EXPORT_THREAD_URL)
        .useValue(built('export-thread'))
        .overrideProvider(SAMPLE_PROCESS_URL)
        .useValue(built('sample-process'))
        .overrideProvider(DURATIONS)
        .useValue(short)
        .overrideProvider(CLOCK)
        .useValue(clock)
        .compile();
      return module.createNestApplication<NestExpressApplication>(nestOptions(options.logger));
    });
    return this.application;
  }

  async stop(): Promise<void> {
    await this.application?.close();
    this.application = undefined;
  }

  /** Posts JSON; text is taken for it as it is. */
  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.send('POST', path, body, headers);
  }

  /** Sends JSON by a method; text is taken for it as it is. */
  send(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return fetch(this.url + path, {
      method,
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
    await rm(keptFolder, { recursive: true, force: true });
    await rm(this.directory, { recursive: true, force: true });
  }
}
