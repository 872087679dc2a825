import type { Redis } from 'ioredis';
import { REDIS_KEYS } from './redis-keys.js';
import { reportSchema, type Report } from '#contracts';
import type { Logger } from '#telemetry';
import { redisNow } from './redis-time.js';
import { isBefore, timeOf } from './stream-id.js';

/** A report, and how long ago the worker made it: on its own way there, and in the stream. Durations, no times of two clocks. */
export interface ReceivedReport {
  readonly report: Report;
  readonly ageMs: number;
}

export interface ReportReaderOptions {
  /** A `blocking` connection of the reader's own; borrowed, not closed. */
  readonly redis: Redis;
  /** Where to go on: the id of the last entry seen, `0` for all there is. */
  readonly afterId: string;
  /** Gets every report in order, with its stream id. What it throws has the same report come again; others may, too. */
  readonly onReport: (received: ReceivedReport, id: string) => void | Promise<void>;
  /** Is called before those that came together are handed out; what it throws keeps them back. */
  readonly onBatch?: () => void | Promise<void>;
  /** Is told what went wrong, and will be tried again. */
  readonly onFailure?: (error: unknown) => void;
  readonly logger: Logger;
  /** Id of a report that is on disk with all before it; those may be thrown away. */
  readonly savedId: () => string;
  /** The stream was read, whether there was something new in it or not. */
  readonly onRead?: () => void;
  /** They stay in Redis for so long nevertheless, milliseconds. Default ten minutes. */
  readonly keptMs?: number;
}

const BATCH = 500;
const BLOCK_MS = 2_000;
const PAUSE_AFTER_FAILURE_MS = 200;
/** Long enough for workers to have sent again what an emptied Redis lost. */
const DEFAULT_KEPT_MS = 600_000;

/**
 * Follows the stream of reports until closed, across reconnects and across a Redis that lost the stream. Reports that were
 * taken are thrown away later.
 */
export class ReportReader {
  #lastId: string;
  /** When the oldest of the reports was written that were read and are still there. */
  #keptFrom: number | null = null;
  readonly #stop = new AbortController();
  #following: Promise<void> | undefined;

  readonly #options: ReportReaderOptions;

  constructor(options: ReportReaderOptions) {
    this.#options = options;
    this.#lastId = options.afterId;
  }

  start(): void {
    this.#following ??= this.#follow();
  }

  /** Returns once the batch in hand is done. The connection must be disconnected to cut a waiting read short. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#options.redis.disconnect();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { logger } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        const entries = await orStopped(this.#read(), this.#stop.signal);
        if (entries.length > 0) await this.#hand(entries);
        else await orStopped(this.#startOverIfStreamIsYounger(), this.#stop.signal);
        this.#options.onRead?.();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        logger.debug({ event: 'report-read-failed', error: String(error) });
        this.#options.onFailure?.(error);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_FAILURE_MS));
      }
    }
  }

  async #read(): Promise<readonly [string, string[]][]> {
    const { redis } = this.#options;
    const answer = await redis.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', REDIS_KEYS.reports, this.#lastId);
    return answer?.[0]?.[1] ?? [];
  }

  async #hand(entries: readonly [string, string[]][]): Promise<void> {
    await this.#options.onBatch?.();
    const now = await redisNow(this.#options.redis);
    for (const [id, fields] of entries) {
      const report = parseReport(fields);
      const heldMs = Number(fieldOf(fields, 'ageMs') ?? 0) || 0;
      const ageMs = Math.max(0, heldMs) + Math.max(0, now - timeOf(id));
      if (report) await this.#options.onReport({ report, ageMs }, id);
      else this.#options.logger.warn({ event: 'report-refused', id }, 'an entry of the report stream is no report');
      this.#lastId = id;
    }
    await this.#forget(entries[0]?.[0] ?? this.#lastId);
  }

  /** Throws away what was saved long ago, a tenth of that time at once. */
  async #forget(firstId: string): Promise<void> {
    const { redis, savedId, keptMs = DEFAULT_KEPT_MS } = this.#options;
    this.#keptFrom ??= timeOf(firstId);
    const from = Math.min(timeOf(savedId()), timeOf(this.#lastId)) - keptMs;
    if (from < this.#keptFrom + keptMs / 10) return;
    // In one transaction, so that who misses a report can tell whether it was lost.
    await redis
      .multi()
      .set(REDIS_KEYS.reportsForgotten, `${from}-0`)
      .xtrim(REDIS_KEYS.reports, 'MINID', '~', `${from}-0`)
      .exec();
    this.#keptFrom = from;
  }

  /** Ids come from the clock of Redis: one behind ours means a new server whose entries would never be seen. */
  async #startOverIfStreamIsYounger(): Promise<void> {
    // A primary that was demoted may keep the connection, and nobody writes to it any more; a write tells.
    await this.#options.redis.del(REDIS_KEYS.nothing);
    const [newest] = await this.#options.redis.xrevrange(REDIS_KEYS.reports, '+', '-', 'COUNT', 1);
    if (newest && isBefore(newest[0], this.#lastId)) {
      this.#options.logger.warn(
        { event: 'report-stream-restarted' },
        'the report stream began anew, reading it from its start',
      );
      this.#lastId = '0';
      this.#keptFrom = null;
    }
  }
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
  return at < 0 ? undefined : fields[at + 1];
}

function parseReport(fields: readonly string[]): Report | undefined {
  const json = fieldOf(fields, 'json');
  if (json === undefined) return undefined;
  try {
    const parsed = reportSchema.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A command that waits for a Redis that is away is not ended by disconnecting. */
function orStopped<T>(command: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    command.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
