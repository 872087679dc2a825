/** A worker's side of Redis: its heartbeat, its assignment, the plans of runs, and its reports to the coordinator. */
import {
  assignmentSchema,
  runPlanSchema,
  type Assignment,
  type Report,
  type RunPlan,
  type WorkerHeartbeat,
} from '#contracts';
import { REDIS_KEYS, WORKER_TTL_MS } from './redis-keys.js';
import type { Logger } from '#telemetry';
import type { Redis } from 'ioredis';
import { isBefore } from './stream-id.js';
import { goodbyeText } from './worker-registry.js';

export interface WorkerLinkOptions {
  readonly workerId: string;
  /** For ordinary commands; must fail fast. */
  readonly connection: Redis;
  /** For the subscription alone. */
  readonly subscriber: Redis;
  readonly logger: Logger;
}

/** Reports kept while Redis is away; the oldest are dropped beyond this. */
const MAX_PENDING_REPORTS = 10_000;
/** Sent reports are kept for so long, to be sent again when Redis has lost them before the coordinator read them. */
const RESEND_WINDOW_MS = 60_000;

/** `madeAt`, `sentAt`: by `performance.now`, which no correction of the clock moves. */
interface PendingReport {
  readonly report: Report;
  readonly madeAt: number;
}
interface SentReport extends PendingReport {
  readonly id: string;
  readonly sentAt: number;
}

export class WorkerLink {
  readonly #options: WorkerLinkOptions;
  #pending: PendingReport[] = [];
  #sent: SentReport[] = [];
  #flushing: Promise<void> | null = null;
  /** The connection was lost since the reports were last known to be in the stream. */
  #isDoubtful = false;

  constructor(options: WorkerLinkOptions) {
    this.#options = options;
    options.connection.on('ready', () => {
      this.#isDoubtful = this.#sent.length > 0;
    });
  }

  /** Calls back whenever assignments or plans may have changed. */
  async watch(onChange: () => void): Promise<void> {
    this.#options.subscriber.on('message', onChange);
    this.#options.subscriber.on('ready', onChange);
    await this.#options.subscriber.subscribe(REDIS_KEYS.notify);
  }

  async beat(heartbeat: WorkerHeartbeat, isNews: boolean): Promise<void> {
    const { connection } = this.#options;
    await connection.set(REDIS_KEYS.worker(heartbeat.workerId), JSON.stringify(heartbeat), 'PX', WORKER_TTL_MS);
    if (isNews) await connection.publish(REDIS_KEYS.notify, 'worker');
  }

  /** Says that the worker has left, which its silence would take a while to show. */
  async sayGoodbye(): Promise<void> {
    const { connection, workerId } = this.#options;
    await connection.set(REDIS_KEYS.worker(workerId), goodbyeText(workerId), 'PX', WORKER_TTL_MS);
    await connection.publish(REDIS_KEYS.notify, 'worker');
  }

  /** The current assignment with its plan, or null when the worker is free. */
  async readAssignment(): Promise<{ readonly assignment: Assignment; readonly plan: RunPlan } | null> {
    const { connection, workerId } = this.#options;
    const raw = await connection.hget(REDIS_KEYS.assignments, workerId);
    if (!raw) return null;
    const assignment = assignmentSchema.parse(JSON.parse(raw));
    const plan = await this.readPlan(assignment.runId);
    return plan ? { assignment, plan } : null;
  }

  /** What the coordinator wants of a run, or null when nothing is published. */
  async readPlan(runId: string): Promise<RunPlan | null> {
    const raw = await this.#options.connection.get(REDIS_KEYS.plan(runId));
    return raw ? runPlanSchema.parse(JSON.parse(raw)) : null;
  }

  /**
   * Sends the reports of the last minute again when the oldest or the newest of them is missing in the stream, or when
   * the connection was lost: Redis was emptied, or came back without what it was told last. The coordinator drops what it
   * has already. Never rejects.
   */
  async resendLost(): Promise<void> {
    if (this.#sent.length === 0) return;
    try {
      if (!this.#isDoubtful && (await this.#areHeld())) return;
      this.#isDoubtful = false;
    } catch {
      // Redis is away: ask again when it is back.
      return;
    }
    this.#pending = [...this.#sent.map(({ report, madeAt }) => ({ report, madeAt })), ...this.#pending];
    this.#options.logger.warn({ reports: this.#sent.length }, 'reports-sent-again');
    this.#sent = [];
    await this.flush();
  }

  /** The reports sent last are in the stream, or were read and then thrown away. */
  async #areHeld(): Promise<boolean> {
    const { connection } = this.#options;
    const forgotten = await connection.get(REDIS_KEYS.reportsForgotten);
    if (forgotten !== null) this.#sent = this.#sent.filter(({ id }) => !isBefore(id, forgotten));
    const ids = [this.#sent.at(0)?.id, this.#sent.at(-1)?.id];
    for (const id of ids) if (id && (await connection.xrange(REDIS_KEYS.reports, id, id)).length === 0) return false;
    return true;
  }

  /** Queues a report; it is sent in order, and kept while Redis is away. */
  report(report: Report): void {
    this.#pending.push({ report, madeAt: performance.now() });
    if (this.#pending.length > MAX_PENDING_REPORTS) {
      this.#pending.shift();
      this.#options.logger.error({ dropped: 1 }, 'report-dropped');
    }
    void this.flush();
  }

  /** Sends what is pending; never rejects, and gives up until the next call when Redis is away. */
  flush(): Promise<void> {
    this.#flushing ??= this.#send().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #send(): Promise<void> {
    try {
      for (let pending = this.#pending[0]; pending; pending = this.#pending[0]) {
        const { report, madeAt } = pending;
        const body = JSON.stringify(report);
        const ageMs = Math.round(performance.now() - madeAt);
        const added = await this.#options.connection.xadd(
          REDIS_KEYS.reports,
          'MAXLEN',
          '~',
          100_000,
          '*',
          'json',
          body,
          'ageMs',
          ageMs,
        );
        const id = added ?? '';
        const now = performance.now();
        const recent = this.#sent.filter(({ sentAt }) => now - sentAt < RESEND_WINDOW_MS);
        // Ids only grow: one that comes twice was given anew by a stream emptied within the same millisecond.
        if (recent.some((sent) => sent.id === id)) this.#isDoubtful = true;
        this.#sent = [...recent, { id, sentAt: now, report, madeAt }];
        // Others may have been put before it meanwhile, or it was dropped.
        const place = this.#pending.indexOf(pending);
        if (place >= 0) this.#pending.splice(place, 1);
      }
    } catch (error) {
      this.#options.logger.warn({ pending: this.#pending.length, error: String(error) }, 'report-delayed');
    }
  }
}
