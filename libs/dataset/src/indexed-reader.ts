import { parseLocation, RecoverableError, RunFaultError, type DatasetKind } from '#contracts';
import { isMissing } from '#files';
import {
  StoreAccessError,
  StoredObjectChangedError,
  type FileSource,
  type IndexedFile,
  type LocalFiles,
} from '#stores';
import { UnreadableSampleError, type DatasetReader, type SampleEncoding } from './dataset-reader.js';
import { HeldFiles } from './held-files.js';
import type { ReadMemory } from './read-memory.js';
import { readSlice, type SliceRange } from './read-slice.js';
import { HAS_PROFILE, indexedFile, type SampleIndex } from './sample-index.js';
import { openFilesOf } from './split-files.js';
import { stringAt } from './string-column.js';

/** A cache without room for the files that are read at once loses some before they are read: so often a file is fetched anew. */
const MOST_EVICTIONS = 30;

/** What a thread needs to open the same split again without scanning it; structured clone shares the columns. */
export interface ReaderSnapshot {
  /** What paths are relative to. */
  readonly source: FileSource;
  readonly kind: DatasetKind;
  readonly classes: readonly string[];
  readonly index: SampleIndex;
  readonly encoding: SampleEncoding;
}

/**
 * Reads samples that are slices of files, by index: one open, one read and one close a sample, and of shards on the disk one
 * read. A file whose size no longer covers the slice, or is not exactly the slice where the sample is the whole file, has
 * changed since the index was made and is refused: training on it would break the promise of the digest.
 */
export class IndexedReader implements DatasetReader {
  readonly length: number;
  readonly classes: readonly string[];
  readonly encoding: SampleEncoding;
  readonly #lentFiles: LocalFiles | undefined;
  #ownFiles: LocalFiles | undefined;
  readonly #shards = new HeldFiles();
  #isClosed = false;

  /** `files`: lent by whoever reads several splits. Default: files of its own. */
  constructor(
    readonly snapshot: ReaderSnapshot,
    files?: LocalFiles,
  ) {
    this.#lentFiles = files;
    this.length = snapshot.index.numSamples;
    this.classes = snapshot.classes;
    this.encoding = snapshot.encoding;
  }

  /** Whether files come by way of this host's cache: from a store, or unpacked. */
  get isFetched(): boolean {
    const { source, index } = this.snapshot;
    return index.parts !== null || parseLocation(source.location).kind !== 'disk';
  }

  label(sample: number): number {
    return this.#column(this.snapshot.index.labels, sample);
  }

  orientation(sample: number): number {
    return (this.snapshot.index.flags[sample] ?? 0) & (HAS_PROFILE - 1);
  }

  describe(sample: number): string {
    const { paths, offsets, parts } = this.snapshot.index;
    const file = this.#fileOf(sample);
    const path = stringAt(paths, file);
    const part = parts?.[file] ?? -1;
    const offset = offsets?.[sample];
    return `${path}${part < 0 ? '' : `, part ${part}`}${offset === undefined ? '' : `, byte ${offset}`}`;
  }

  async read(sample: number, memory?: ReadMemory): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#read(sample, memory, false);
  }

  async readAnew(sample: number, memory?: ReadMemory): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.isFetched ? await this.#read(sample, memory, true) : null;
  }

  async #read(sample: number, memory: ReadMemory | undefined, isSuspect: boolean): Promise<Uint8Array<ArrayBuffer>> {
    const path = this.describe(sample);
    if (this.#isClosed) throw new UnreadableSampleError(path, 'the data set is closed');
    const { index } = this.snapshot;
    const sizeBytes = this.#column(index.lengths, sample);
    const offset = index.offsets?.[sample] ?? 0;
    try {
      // One byte more than wanted shows a whole-file sample that has grown.
      const numBytes = sizeBytes + (index.offsets === null ? 1 : 0);
      const bytes = memory?.take(numBytes) ?? new Uint8Array(numBytes);
      const filled = await this.#fill(bytes, this.#fileOf(sample), { offset, expected: sizeBytes, isSuspect });
      if (filled !== sizeBytes) {
        const now = filled > sizeBytes ? `more than ${sizeBytes}` : String(filled);
        throw new UnreadableSampleError(path, `changed since the index was made: ${now} bytes, was ${sizeBytes}`);
      }
      return bytes.subarray(0, sizeBytes);
    } catch (error) {
      if (error instanceof UnreadableSampleError) throw error;
      // Of a whole shard: a run that leaves unreadable samples out must not leave these out.
      if (error instanceof StoredObjectChangedError) throw new RunFaultError(error.message, { cause: error });
      // Of this host's way to the store, not of the sample: it must not be left out for it.
      if (error instanceof RecoverableError || error instanceof StoreAccessError) throw error;
      throw new UnreadableSampleError(path, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  filesOf(samples: Uint32Array): readonly IndexedFile[] {
    const files = new Set<number>();
    for (const sample of samples) files.add(this.#fileOf(sample));
    return Array.from(files, (file) => indexedFile(this.snapshot.index, file));
  }

  /** A file of the cache may have been evicted or damaged since its path was asked for. */
  async #fill(bytes: Uint8Array, file: number, range: SliceRange & { readonly isSuspect: boolean }): Promise<number> {
    const files = this.#local();
    const indexed = indexedFile(this.snapshot.index, file);
    const mostTimes = this.isFetched ? MOST_EVICTIONS : 2;
    // What left the cache must leave the disk as well.
    const isHeld = this.snapshot.index.offsets !== null && !this.isFetched;
    let isSuspect = range.isSuspect;
    for (let times = 1; ; times += 1) {
      const path = await files.pathOf(indexed, { isSuspect });
      try {
        const filled = isHeld
          ? await this.#shards.read(path, bytes, { ...range, isSuspect })
          : await readSlice(path, bytes, range);
        if (filled === range.expected || times > 1) return filled;
      } catch (error) {
        if (!isMissing(error)) throw error;
        if (times === mostTimes) throw this.isFetched ? evictedAlways(indexed.path, error) : error;
      }
      isSuspect = true;
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#ownFiles?.close();
    this.#shards.close();
    return Promise.resolve();
  }

  /** Opened with the first read: the thread that made the index may never read. */
  #local(): LocalFiles {
    if (this.#lentFiles !== undefined) return this.#lentFiles;
    this.#ownFiles ??= openFilesOf(this.snapshot);
    return this.#ownFiles;
  }

  #fileOf(sample: number): number {
    this.#column(this.snapshot.index.lengths, sample);
    return this.snapshot.index.files?.[sample] ?? sample;
  }

  #column(values: Uint32Array, sample: number): number {
    const value = values[sample];
    if (value === undefined) throw new RangeError(`sample ${sample} is not in [0, ${this.length})`);
    return value;
  }
}

function evictedAlways(path: string, cause: unknown): RecoverableError {
  const words = `${path} left the shard cache ${MOST_EVICTIONS} times before it could be read`;
  return new RecoverableError(`${words}: set SKIPLANE_SHARD_CACHE_GIB, or SKIPLANE_SHARD_CACHE to a larger disk`, {
    cause,
  });
}
