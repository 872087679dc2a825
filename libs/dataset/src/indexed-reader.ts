import { join } from 'node:path';
import { UnreadableSampleError, type DatasetReader, type SampleEncoding } from './dataset-reader.js';
import type { ReadMemory } from './read-memory.js';
import { readSlice } from './read-slice.js';
import type { SampleIndex } from './sample-index.js';
import { stringAt } from './string-column.js';

/** What a thread needs to open the same split again without scanning it; structured clone shares the columns. */
export interface ReaderSnapshot {
  /** Absolute folder that paths are relative to. */
  readonly root: string;
  readonly classes: readonly string[];
  readonly index: SampleIndex;
  readonly encoding: SampleEncoding;
}

/**
 * Reads samples that are slices of files, by index: one open, one read and one close a sample, nothing kept between.
 * A file whose size no longer covers the slice, or is not exactly the slice where the sample is the whole file, has
 * changed since the index was made and is refused: training on it would break the promise of the digest.
 */
export class IndexedReader implements DatasetReader {
  readonly length: number;
  readonly classes: readonly string[];
  readonly encoding: SampleEncoding;
  #isClosed = false;

  constructor(readonly snapshot: ReaderSnapshot) {
    this.length = snapshot.index.numSamples;
    this.classes = snapshot.classes;
    this.encoding = snapshot.encoding;
  }

  label(sample: number): number {
    return this.#column(this.snapshot.index.labels, sample);
  }

  describe(sample: number): string {
    const path = stringAt(this.snapshot.index.paths, this.#fileOf(sample));
    const offset = this.snapshot.index.offsets?.[sample];
    return offset === undefined ? path : `${path}, byte ${offset}`;
  }

  async read(sample: number, memory?: ReadMemory): Promise<Uint8Array<ArrayBuffer>> {
    const path = this.describe(sample);
    if (this.#isClosed) throw new UnreadableSampleError(path, 'the data set is closed');
    const { index, root } = this.snapshot;
    const sizeBytes = this.#column(index.lengths, sample);
    const offset = index.offsets?.[sample] ?? 0;
    try {
      // One byte more than wanted shows a whole-file sample that has grown.
      const numBytes = sizeBytes + (index.offsets === null ? 1 : 0);
      const bytes = memory?.take(numBytes) ?? new Uint8Array(numBytes);
      const filled = await readSlice(join(root, stringAt(index.paths, this.#fileOf(sample))), bytes, {
        offset,
        expected: sizeBytes,
      });
      if (filled !== sizeBytes) {
        const now = filled > sizeBytes ? `more than ${sizeBytes}` : String(filled);
        throw new UnreadableSampleError(path, `changed since the index was made: ${now} bytes, was ${sizeBytes}`);
      }
      return bytes.subarray(0, sizeBytes);
    } catch (error) {
      if (error instanceof UnreadableSampleError) throw error;
      throw new UnreadableSampleError(path, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
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
