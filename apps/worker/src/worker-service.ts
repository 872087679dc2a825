import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Assignment, RunPlan, WorkerHeartbeat } from '#contracts';
import type { IndexAccess } from '#dataset';
import { LaneLeases, type WorkerLink } from '#queue';
import { storeSettings } from '#stores';
import { skiplaneVersion, type Logger } from '#telemetry';
import { ThreadHungError } from '#threads';
import type { Redis } from 'ioredis';
import type { WorkerConfig } from './config.js';
import type { Device } from './device/device.js';
import { touchHealthFile } from './health-file.js';
import { datasetPlace } from './run/dataset-place.js';
import { overlapOf } from './run/overlap.js';
import { RunSession, type SessionStatus } from './run/run-session.js';

export interface WorkerServiceOptions {
  readonly config: WorkerConfig;
  readonly device: Device;
  readonly indexes: IndexAccess;
  readonly logger: Logger;
  readonly link: WorkerLink;
  readonly connection: Redis;
  readonly blockingConnection: Redis;
  /** Told when what it should do next asks for another process. */
  readonly onRestart: () => void;
}

const BEAT_MS = 1_000;
/** Containers are killed ten seconds after they were asked to stop; a checkpoint has to be written, too. */
const LAST_ROUND_MS = 5_000;
/** Redis may be away when this process has to end. */
const LAST_WORDS_MS = 1_000;

/** The worker's life: heartbeats, and one run session after the other as the coordinator assigns. */
export class WorkerService {
  readonly #options: WorkerServiceOptions;
  readonly #link: WorkerLink;
  readonly #startedAt = Date.now();
  #session: RunSession | null = null;
  #following: Promise<void> = Promise.resolve();
  #isFollowAsked = false;
  #beatTimer: NodeJS.Timeout | null = null;
  #isStopping = false;
  #lastNews = '';
  /** Runs and incarnations this worker is through with, until the coordinator has noticed. */
  #over = '';

  constructor(options: WorkerServiceOptions) {
    this.#options = options;
    this.#link = options.link;
  }

  async start(): Promise<void> {
    this.#beatTimer = setInterval(() => {
      this.#beat();
      touchHealthFile(this.#options.config.SKIPLANE_HEALTH_FILE, this.#options.logger);
      this.#follow();
      void this.#link.flush().then(() => this.#link.resendLost());
    }, BEAT_MS);
    this.#beat();
    this.#follow();
    await this.#link.watch(() => this.#follow());
  }

  /** Ends the step in flight, saves what only this worker has, says goodbye. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#session?.drain('shutdown', LAST_ROUND_MS);
    if (this.#beatTimer) clearInterval(this.#beatTimer);
    await this.#link.flush();
    await this.#link
      .sayGoodbye()
      .catch((error: unknown) => this.#options.logger.warn({ error: String(error) }, 'goodbye-failed'));
  }

  /** Reads the assignment; one reading at a time, and once more if something changed meanwhile. */
  #follow(): void {
    if (this.#isFollowAsked || this.#isStopping) return;
    this.#isFollowAsked = true;
    this.#following = this.#following
      .then(async () => {
        this.#isFollowAsked = false;
        await this.#obey();
      })
      .catch((error: unknown) => this.#options.logger.warn({ error: String(error) }, 'assignment-not-read'));
  }

  async #obey(): Promise<void> {
    if (this.#isStopping) return;
    const order = await this.#link.readAssignment();
    const session = this.#session;
    if (session && !order) return await this.#obeyWithoutAssignment(session);
    if (session && order && !isSame(session, order.assignment)) {
      this.#session = null;
      await session.abandon();
    }
    if (!order) return;
    if (this.#session) {
      this.#session.assignmentChanged(order.assignment);
      this.#session.planChanged(order.plan);
    } else if (order.plan.desired === 'train' && keyOf(order.assignment) !== this.#over)
      this.#begin(order.assignment, order.plan);
  }

  /** No assignment is no order to leave: Redis may have been emptied, and the coordinator will write it again. */
  async #obeyWithoutAssignment(session: RunSession): Promise<void> {
    const plan = await this.#link.readPlan(session.assignment.runId);
    const isOutdated = plan !== null && plan.incarnation !== session.assignment.incarnation;
    if (isOutdated || session.status().status === 'refused') {
      this.#session = null;
      await session.abandon();
    } else if (plan) session.planChanged(plan);
  }

  #begin(assignment: Assignment, plan: RunPlan): void {
    const { config, device, logger, connection, blockingConnection } = this.#options;
    const { bits } = plan.spec;
    if (!device.bits.enter(bits)) {
      const { runId, incarnation } = assignment;
      const workerId = config.SKIPLANE_WORKER_ID;
      const message = `worker ${workerId} starts again: the run asks for ${bits} bits, and its TensorFlow was loaded for the others`;
      const origin = { runId, incarnation, workerId };
      this.#link.report({ kind: 'note', ...origin, level: 'info', topic: 'worker', message, at: Date.now() });
      logger.info({ run: plan.runId, bits }, 'worker-starts-again');
      this.#options.onRestart();
      return;
    }
    const session = new RunSession({
      workerId: config.SKIPLANE_WORKER_ID,
      token: config.SKIPLANE_TOKEN,
      patienceMs: config.SKIPLANE_PATIENCE_MS,
      sharesMemory: config.SKIPLANE_SHARED_MEMORY === 'auto',
      overlap: overlapOf(config.SKIPLANE_OVERLAP, { device, plan }),
      device,
      indexes: this.#options.indexes,
      stores: storeSettings(config),
      datasetPath: datasetPlace(plan.spec.dataset, config.SKIPLANE_DATASET_PATHS),
      staging: join(config.cacheDirectory, 'checkpoints'),
      assignment,
      plan,
      link: this.#link,
      makeLeases: (onLost) =>
        new LaneLeases({
          queueName: plan.queueName,
          connection,
          blockingConnection,
          workerId: config.SKIPLANE_WORKER_ID,
          logger,
          onLost,
        }),
      logger: logger.child({ run: plan.runId, incarnation: plan.incarnation }),
      onChange: () => this.#beat(true),
      onBug: (error) => {
        logger.fatal({ error: error.message, stack: error.stack }, 'worker-failed');
        void Promise.race([this.#link.flush(), delay(LAST_WORDS_MS)]).finally(() => endProcess(error));
      },
    });
    this.#session = session;
    void session.run().finally(() => {
      if (this.#session !== session) return;
      this.#session = null;
      this.#over = keyOf(assignment);
      this.#beat();
    });
  }

  #beat(isPassing = false): void {
    const status: SessionStatus = this.#session?.status() ?? { status: 'idle', reason: null, round: null, lanes: [] };
    const { config, device } = this.#options;
    const heartbeat = {
      workerId: config.SKIPLANE_WORKER_ID,
      host: hostname(),
      pid: process.pid,
      version: skiplaneVersion(),
      device: device.description,
      engines: device.numEngines,
      fingerprint: device.bits.fingerprint(device.fingerprint),
      startedAt: this.#startedAt,
      at: Date.now(),
      ...status,
      reason: status.reason ?? device.warning,
      status: this.#isStopping ? 'leaving' : status.status,
      runId: this.#session?.assignment.runId ?? null,
      incarnation: this.#session?.assignment.incarnation ?? null,
    } satisfies Omit<WorkerHeartbeat, 'memoryBytes'>;
    // A new round is no news; who drives what, and the status, is.
    const news = JSON.stringify([heartbeat.status, heartbeat.runId, heartbeat.incarnation, heartbeat.lanes]);
    const isNews = news !== this.#lastNews;
    if (isPassing && !isNews) return;
    this.#lastNews = news;
    // Asked for last: it is read from a file, and a passing round needs none.
    this.#link
      .beat({ ...heartbeat, memoryBytes: process.memoryUsage.rss() }, isNews)
      .catch((error: unknown) => this.#options.logger.debug({ error: String(error) }, 'heartbeat-failed'));
  }
}

/** An ordinary exit waits for all threads, and one that hangs in a native call never ends. */
function endProcess(error: Error): void {
  if (error instanceof ThreadHungError) process.kill(process.pid, 'SIGKILL');
  process.exit(1);
}

const keyOf = (assignment: Assignment): string => `${assignment.runId} ${assignment.incarnation}`;

const isSame = (session: RunSession, assignment: Assignment): boolean =>
  keyOf(session.assignment) === keyOf(assignment);
