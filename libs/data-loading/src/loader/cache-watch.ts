import { setTimeout as delay } from 'node:timers/promises';
import type { ShardCacheState } from '#contracts';
import { cacheProgress, type CacheCounts, type FileSource, type IndexedFile } from '#stores';

export interface CacheWatchOptions {
  readonly source: FileSource;
  /** All that is read by way of the cache. */
  readonly files: Iterable<IndexedFile>;
  /** What the readers of this process count. */
  readonly counts: CacheCounts;
  /** Told what was seen, every time. */
  readonly onLook: (state: ShardCacheState) => void;
  /** The least time between two looks. Default 2 s. */
  readonly everyMs?: number;
}

const EVERY_MS = 2_000;
/** Looks take a fiftieth of the time at most: of a million files one takes some seconds. */
const MOST_SHARE = 50;

/** Looks from time to time how much of a data set is in this host's shard cache. */
export class CacheWatch {
  readonly #options: CacheWatchOptions;
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;

  constructor(options: CacheWatchOptions) {
    this.#options = options;
    this.#watching = this.#watch().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) throw error;
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { source, files, counts, onLook, everyMs = EVERY_MS } = this.#options;
    const { signal } = this.#closing;
    const { maxBytes } = source.settings.cache;
    for (;;) {
      const from = performance.now();
      const progress = await cacheProgress(source, files, signal);
      signal.throwIfAborted();
      if (progress !== null) onLook({ ...progress, maxBytes, ...counts.read() });
      await delay(Math.max(everyMs, MOST_SHARE * (performance.now() - from)), undefined, { signal, ref: false });
    }
  }
}
