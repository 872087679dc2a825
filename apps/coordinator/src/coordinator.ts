import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { FileLock, LockLostError } from '#files';
import { REDIS_KEYS } from '#queue';
import {
  CoordinatorLease,
  createRedisConnection,
  PredictionQueue,
  ReportReader,
  whyRedisFails,
  type ShardQueue,
} from '#queue';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from './config/coordinator.config.js';
import { lockDataFolder, startFault } from './storage/data-folder.js';
import { folderId } from './storage/folder-id.js';
import { readCursor, writeCursor } from './reports/reports-cursor.js';
import { DatasetScans } from './datasets/dataset-scans.js';
import { EvaluationSubmitter } from './evaluations/submit-evaluation.js';
import { EvaluationWeights } from './evaluations/evaluation-weights.js';
import { Exports } from './exports/exports.js';
import { DiskWatch } from './health/disk-watch.js';
import { LoopFaults, type Loop } from './health/loop-faults.js';
import { OpenFaults } from './health/open-faults.js';
import { Predictions } from './predictions/predictions.js';
import { ReportIntake } from './reports/report-intake.js';
import { RunRegistry } from './runs/run-registry.js';
import { runView } from './runs/run-view.js';
import { InitialWeightsFiles } from './runs/initial-weights.js';
import { RunSubmitter } from './runs/submit-run.js';
import { Publisher } from './scheduling/publisher.js';
import { Scheduler } from './scheduling/scheduler.js';
import { WakefulLoop } from './scheduling/reconcile-loop.js';
import { Studies } from './studies/studies.js';
import { StudyRegistry } from './studies/study-registry.js';

export interface CoordinatorOptions {
  readonly config: CoordinatorConfig;
  readonly logger: Logger;
  readonly clock?: () => number;
  /** Default: the heartbeats' time to live. Tests make it short. */
  readonly workerTtlMs?: number;
  /** Time between two looks at runs and workers. Default 1000. */
  readonly tickMs?: number;
  /** Longest wait for a worker's prediction. */
  readonly predictionTimeoutMs?: number;
  /** Compiled entry of the exporting thread. */
  readonly exportThreadUrl?: URL;
  /** Who looks at data sets; ended with the coordinator unless it is given. */
  readonly scans?: DatasetScans;
  /** A submission that takes longer is answered before it has ended. */
  readonly answerWithinMs?: number;
  /** Another coordinator has taken the data folder over: this process must end, and write nothing any more. */
  readonly onReplaced: (error: LockLostError) => void;
}

const TICK_MS = 1_000;
const FLUSH_MS = 500;
/** As much may wait in memory for room on the disk; more stays in Redis. */
const MOST_UNSAVED = 64 * 2 ** 20;

/** The coordinator without its HTTP side: runs, scheduler and the link to Redis. */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #place: { readonly lock: FileLock; readonly lease: CoordinatorLease };
  readonly #links: Record<'commands' | 'reports' | 'nudges', Redis>;
  readonly clock: () => number;
  /** What is wrong now. */
  readonly faults: OpenFaults;
  readonly loops: LoopFaults;
  onQueues: (queues: readonly ShardQueue[]) => void = () => undefined;
  numReports = 0;
  readonly #scheduling: WakefulLoop;
  readonly #saving: WakefulLoop;
  readonly #flushing: NodeJS.Timeout;
  readonly #reader: ReportReader;
  #cursor: string;
  #savedCursor: string;

  private constructor(
    options: CoordinatorOptions,
    place: { readonly lock: FileLock; readonly lease: CoordinatorLease },
    { runs: registry, studies }: { readonly runs: RunRegistry; readonly studies: StudyRegistry },
    links: Record<'commands' | 'reports' | 'nudges', Redis>,
    cursor: string,
  ) {
    this.#options = options;
    this.#place = place;
    this.#links = links;

    const { config, logger } = options;
    this.clock = options.clock ?? Date.now;
    const { clock } = this;
    this.faults = new OpenFaults(clock);
    this.loops = new LoopFaults(this.faults, logger, (error) => this.whyRedisFails(error));
    const { commands: redis } = links;
    this.registry = registry;
    this.disk = new DiskWatch({
      dataDirectory: config.dataDirectory,
      faults: this.faults,
      unfinishedRuns: () => registry.unfinished(),
      clock,
      logger,
    });
    this.evaluationWeights = new EvaluationWeights(config.checkpointDirectory);
    this.initialWeights = new InitialWeightsFiles(config.checkpointDirectory);
    this.scans = options.scans ?? new DatasetScans();
    this.submitter = new RunSubmitter(this);
    this.evaluationSubmitter = new EvaluationSubmitter({
      registry,
      weights: this.evaluationWeights,
      checkpointDirectory: config.checkpointDirectory,
      pingRedis: () => this.pingRedis(),
      nudge: () => this.nudge(),
    });
    this.#cursor = this.#savedCursor = cursor;
    this.#publisher = new Publisher({ ...config, redis, logger, onQueues: (queues) => this.onQueues(queues) });
    this.scheduler = new Scheduler({
      registry,
      publisher: this.#publisher,
      redis,
      checkpointDirectory: config.checkpointDirectory,
      logger,
      clock,
      ...(options.workerTtlMs === undefined ? {} : { workerTtlMs: options.workerTtlMs }),
    });
    this.predictions = new Predictions({
      queue: new PredictionQueue({ redis, logger }),
      checkpointDirectory: config.checkpointDirectory,
      numWorkers: () => this.scheduler.workers().length,
      ...(options.predictionTimeoutMs === undefined ? {} : { timeoutMs: options.predictionTimeoutMs }),
    });
    this.exports = new Exports({
      ...config,
      ...(options.exportThreadUrl === undefined ? {} : { threadUrl: options.exportThreadUrl }),
    });
    this.#scheduling = new WakefulLoop(
      () => this.#schedule(),
      options.tickMs ?? TICK_MS,
      (error) => this.#onFault('scheduling', error),
    );
    this.#saving = new WakefulLoop(
      () => this.#save(),
      TICK_MS,
      (error) => this.#onFault('saving', error),
    );
    this.studies = new Studies({
      registry: studies,
      runs: registry,
      submitter: this.submitter,
      scans: this.scans,
      clock,
      pingRedis: () => this.pingRedis(),
      nudge: () => this.nudge(),
      tickMs: options.tickMs ?? TICK_MS,
      onTick: () => this.loops.worked('studies'),
      onError: (error) => this.#onFault('studies', error),
    });
    this.#flushing = setInterval(() => this.#flushFeeds(), FLUSH_MS);
    const intake = new ReportIntake(registry, clock, logger);
    this.#reader = new ReportReader({
      redis: links.reports,
      afterId: cursor,
      savedId: () => this.#savedCursor,
      logger,
      onBatch: () => this.#place.lock.confirm(),
      onReport: async (report, id) => {
        if (registry.unsaved > MOST_UNSAVED) throw new Error('too much waits to be written');
        await intake.take(report);
        this.numReports += 1;
        this.#cursor = id;
      },
      onRead: () => this.loops.worked('reports'),
      onFailure: (error) => this.#onFault('reports', error),
    });
  }

  readonly disk: DiskWatch;
  readonly registry: RunRegistry;
  readonly evaluationWeights: EvaluationWeights;
  readonly initialWeights: InitialWeightsFiles;
  readonly scans: DatasetScans;
  readonly submitter: RunSubmitter;
  readonly evaluationSubmitter: EvaluationSubmitter;
  readonly studies: Studies;
  readonly scheduler: Scheduler;
  readonly predictions: Predictions;
  readonly exports: Exports;
  readonly #publisher: Publisher;

  /** Takes the data folder, reads all runs and begins to serve them. Redis may come later. */
  static async start(options: CoordinatorOptions): Promise<Coordinator> {
    const { config, logger } = options;
    const lock = await lockDataFolder(config.dataDirectory).catch((error: unknown) => {
      throw startFault(error, config.dataDirectory);
    });
    try {
      const clock = options.clock ?? Date.now;
      const runs = await RunRegistry.open(config.dataDirectory, clock, logger);
      const studies = await StudyRegistry.open(config.dataDirectory, clock, logger);
      const cursor = await readCursor(config.dataDirectory);
      const id = await folderId(config.dataDirectory);
      const links = {
        commands: createRedisConnection(config.redisUrl, { purpose: 'commands', logger }),
        reports: createRedisConnection(config.redisUrl, { purpose: 'blocking', logger }),
        nudges: createRedisConnection(config.redisUrl, { purpose: 'subscriber', logger }),
      };
      const holder = { id, host: hostname(), dataDirectory: resolve(config.dataDirectory) };
      const lease = new CoordinatorLease(links.commands, holder);
      const coordinator = new Coordinator(options, { lock, lease }, { runs, studies }, links, cursor);
      await coordinator.predictions.start();
      await coordinator.exports.start();
      coordinator.#listen();
      return coordinator;
    } catch (error) {
      await lock.release();
      throw startFault(error, config.dataDirectory);
    }
  }

  get config(): CoordinatorConfig {
    return this.#options.config;
  }

  /** Look at runs and workers now rather than within the second. */
  nudge(): void {
    this.#scheduling.wake();
  }

  /** Throws within about two seconds when Redis does not answer, and while another coordinator works on it. */
  async pingRedis(): Promise<void> {
    await this.#links.commands.ping();
    this.#place.lease.confirm();
  }

  /** In words, of something that failed; undefined where Redis is not the reason. */
  whyRedisFails(error: unknown): string | undefined {
    const { commands } = this.#links;
    const why = whyRedisFails(commands, this.config.redisUrl, error);
    return why ?? (commands.status === 'ready' ? undefined : 'Redis does not answer');
  }

  /** Ends streams, puts all on disk and lets go of Redis and the data folder. */
  async close(): Promise<void> {
    clearInterval(this.#flushing);
    if (this.#options.scans === undefined) this.scans.close();
    await this.studies.close();
    await this.#scheduling.close();
    await this.#reader.close();
    await this.#saving.close();
    await this.#publisher.close();
    await this.predictions.close();
    try {
      await this.registry.close();
      await this.#saveCursor();
    } finally {
      await this.#place.lease.release();
      this.#links.nudges.disconnect();
      this.#links.commands.disconnect();
      await this.#place.lock.release();
    }
  }

  #listen(): void {
    const { commands, nudges } = this.#links;
    this.#reader.start();
    this.#scheduling.start();
    this.#saving.start();
    this.studies.start();
    commands.on('ready', () => {
      this.#publisher.forget();
      this.nudge();
    });
    // What this process publishes itself needs no second look.
    nudges.on('message', (_channel, what) => {
      if (what !== 'plan' && what !== 'assignments') this.nudge();
    });
    nudges.subscribe(REDIS_KEYS.notify).catch((error: unknown) => {
      this.#options.logger.debug({ event: 'subscribe-failed', error: String(error) });
    });
  }

  /** Only who has both the data folder and Redis to itself tells workers what to do. */
  async #schedule(): Promise<void> {
    await this.#place.lock.confirm();
    await this.#place.lease.hold();
    await this.scheduler.tick();
    this.loops.worked('scheduling');
  }

  #flushFeeds(): void {
    const workers = this.scheduler.workers();
    const { whyRunsWait } = this.loops;
    for (const run of this.registry.list()) run.feed.flush(() => runView(run, workers, this.clock(), whyRunsWait));
  }

  /** The cursor goes to disk after what it stands for: a crash makes reports come twice, never not at all. */
  async #save(): Promise<void> {
    const cursor = this.#cursor;
    await this.#place.lock.confirm();
    await this.registry.sync();
    await this.disk.recheck();
    for (const { id, isOver, record } of this.registry.all()) {
      if (isOver && record.kind === 'evaluation') await this.evaluationWeights.remove(id);
    }
    if (cursor !== this.#savedCursor) await this.#saveCursor(cursor);
    this.loops.worked('saving');
  }

  async #saveCursor(cursor = this.#cursor): Promise<void> {
    await writeCursor(this.config.dataDirectory, cursor);
    this.#savedCursor = cursor;
  }

  #onFault(loop: Loop, error: unknown): void {
    if (this.disk.observe(error)) return;
    if (error instanceof LockLostError) {
      this.#options.onReplaced(error);
      return;
    }
    this.loops.failed(loop, error);
  }
}
