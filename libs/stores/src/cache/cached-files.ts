import { setMaxListeners } from 'node:events';
import { RefusedInputError } from '#contracts';
import { cachedBytes, type IndexedFile, type Unpack } from '../indexed-file.js';
import { openStore, type FileSource } from '../open-store.js';
import type { Limits } from '../remote/patience.js';
import { StoredObjectChangedError } from '../store-errors.js';
import type { Store, WaitOptions } from '../store.js';
import type { CacheCounts } from './cache-counts.js';
import { cacheKey } from './cached-file.js';
import { ShardCache, type FoundFile } from './shard-cache.js';

/** Fetched ahead at once: one connection rarely fills a line to a store. */
const NUM_AHEAD = 3;
/** More while they are small: of a single image, most of the time is the way to the store and back. */
const MOST_AHEAD = 32;
const SMALL_BYTES = 16 * 2 ** 20;
/** What is fetched ahead must not drive out what is read now. */
const SHARE_AHEAD = 0.75;

export interface CachedFilesOptions {
  readonly unpack: Unpack | undefined;
  readonly limits: Limits | undefined;
  /** Default: nothing is counted. */
  readonly counts: CacheCounts | undefined;
}

/** Files of a location by way of the shard cache. */
export class CachedFiles {
  readonly #source: FileSource;
  readonly #unpack: Unpack | undefined;
  readonly #counts: CacheCounts | undefined;
  readonly #store: Store;
  readonly #cache: ShardCache;
  readonly #closing = new AbortController();
  /** What is to be fetched ahead, the first one last. */
  #ahead: IndexedFile[] = [];
  #numFetching = 0;
  #numBytesFetching = 0;

  constructor(source: FileSource, { unpack, limits, counts }: CachedFilesOptions) {
    this.#source = source;
    this.#unpack = unpack;
    this.#counts = counts;
    this.#store = openStore(source, limits);
    this.#cache = new ShardCache(source.settings.cache);
    // As many as there are files under way.
    setMaxListeners(0, this.#closing.signal);
  }

  async pathOf(
    file: IndexedFile,
    { isSuspect = false, signal }: WaitOptions & { readonly isSuspect?: boolean } = {},
  ): Promise<string> {
    const finding = this.#find(file, isSuspect);
    const { path, wasHere } = signal === undefined ? await finding : await unlessAborted(finding, signal);
    // A second look at the same read.
    if (!isSuspect) this.#counts?.asked(wasHere);
    return path;
  }

  prefetch(files: readonly IndexedFile[]): void {
    const mostBytes = SHARE_AHEAD * this.#source.settings.cache.maxBytes;
    const wanted: IndexedFile[] = [];
    const keys = new Set<string>();
    let numBytes = 0;
    for (const file of files) {
      const key = cacheKey(this.#source.location, file);
      if (keys.has(key)) continue;
      keys.add(key);
      numBytes += cachedBytes(file);
      if (numBytes > mostBytes) break;
      wanted.push(file);
    }
    this.#ahead = wanted.toReversed();
    this.#fetchAhead();
  }

  close(): void {
    this.#ahead = [];
    this.#closing.abort(new Error('the files are closed'));
    this.#store.close();
  }

  /** Begins as many as may be under way; whatever ends makes place for the next. */
  #fetchAhead(): void {
    for (let next = this.#ahead.at(-1); next !== undefined && this.#hasPlace(next); next = this.#ahead.at(-1)) {
      this.#ahead.pop();
      void this.#fetch(next);
    }
  }

  #hasPlace(file: IndexedFile): boolean {
    if (this.#numFetching < NUM_AHEAD) return true;
    return this.#numFetching < MOST_AHEAD && this.#numBytesFetching + cachedBytes(file) <= SMALL_BYTES;
  }

  async #fetch(file: IndexedFile): Promise<void> {
    this.#numFetching += 1;
    this.#numBytesFetching += cachedBytes(file);
    // Whoever wants the file meets the fault again, and is told.
    await this.#find(file, false).catch(() => undefined);
    this.#numFetching -= 1;
    this.#numBytesFetching -= cachedBytes(file);
    this.#fetchAhead();
  }

  #find(file: IndexedFile, isSuspect: boolean): Promise<FoundFile> {
    const { location } = this.#source;
    const request = { location, file, isSuspect, make: (wait: WaitOptions) => this.#make(file, wait) };
    return this.#cache.find(request, { signal: this.#closing.signal });
  }

  /** The bytes of a file for the cache. */
  async *#make(file: IndexedFile, wait: WaitOptions): AsyncIterable<Uint8Array> {
    for await (const piece of this.#bytesOf(file, wait)) {
      this.#counts?.fetched(piece.length);
      yield piece;
    }
  }

  async *#bytesOf(file: IndexedFile, wait: WaitOptions): AsyncIterable<Uint8Array> {
    let numBytes = 0;
    for await (const piece of this.#piecesOf(file, wait)) {
      numBytes += piece.length;
      yield piece;
    }
    const expected = cachedBytes(file);
    if (numBytes === expected) return;
    const name = file.part === undefined ? file.path : `${file.path}, part ${file.part}`;
    throw new StoredObjectChangedError(name, `is of ${numBytes} bytes, was of ${expected}`);
  }

  #piecesOf(file: IndexedFile, wait: WaitOptions): AsyncIterable<Uint8Array> {
    const { path, version, part } = file;
    if (part === undefined) {
      return this.#store.stream(path, { ...wait, ...(version !== '' && { expectedVersion: version }) });
    }
    if (this.#unpack === undefined) throw new RefusedInputError(`${path} has no parts`);
    return this.#unpack(this.#store, file, wait);
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
