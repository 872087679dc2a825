/**
 * The index of a split as columns: one number per sample in typed arrays and all paths as one block of UTF-8, so that
 * 1.28 M files of 35 characters cost 1.28 M x (4 + 4 + 4 + 35) bytes = 60 MB, and threads share it without a copy.
 */
export interface SampleIndex {
  readonly numSamples: number;
  /** Bytes of the sample's encoded image. */
  readonly lengths: Uint32Array;
  readonly labels: Uint32Array;
  /** File number of each sample; null: sample i is the whole of file i. */
  readonly files: Uint32Array | null;
  /** Where the sample begins in its file; null: at 0. */
  readonly offsets: Float64Array | null;
  /** Paths of all files, relative and with `/`, end to end. */
  readonly pathBytes: Uint8Array;
  /** File f's path is pathBytes[pathEnds[f-1] .. pathEnds[f]). */
  readonly pathEnds: Uint32Array;
}

/** The path of file number `file`. */
export function filePath(index: SampleIndex, file: number): string {
  const start = file === 0 ? 0 : (index.pathEnds[file - 1] ?? 0);
  // A copy: TextDecoder refuses views of shared memory.
  return new TextDecoder().decode(index.pathBytes.slice(start, index.pathEnds[file]));
}

/** Builds the index of whole-file samples; columns grow by doubling and end up in shared memory. */
export class SampleIndexBuilder {
  #numSamples = 0;
  #numPathBytes = 0;
  #lengths = new Uint32Array(1024);
  #labels = new Uint32Array(1024);
  #pathEnds = new Uint32Array(1024);
  #pathBytes = new Uint8Array(64 * 1024);
  readonly #encoder = new TextEncoder();

  add(path: string, sizeBytes: number, label: number): void {
    const sample = this.#numSamples;
    if (sample === this.#lengths.length) {
      this.#lengths = grown(this.#lengths, new Uint32Array(sample * 2));
      this.#labels = grown(this.#labels, new Uint32Array(sample * 2));
      this.#pathEnds = grown(this.#pathEnds, new Uint32Array(sample * 2));
    }
    const encoded = this.#encoder.encode(path);
    while (this.#numPathBytes + encoded.length > this.#pathBytes.length) {
      this.#pathBytes = grown(this.#pathBytes, new Uint8Array(this.#pathBytes.length * 2));
    }
    this.#pathBytes.set(encoded, this.#numPathBytes);
    this.#numPathBytes += encoded.length;
    this.#lengths[sample] = sizeBytes;
    this.#labels[sample] = label;
    this.#pathEnds[sample] = this.#numPathBytes;
    this.#numSamples += 1;
  }

  build(): SampleIndex {
    const numSamples = this.#numSamples;
    return {
      numSamples,
      lengths: sharedUint32(this.#lengths, numSamples),
      labels: sharedUint32(this.#labels, numSamples),
      files: null,
      offsets: null,
      pathEnds: sharedUint32(this.#pathEnds, numSamples),
      pathBytes: sharedBytes(this.#pathBytes, this.#numPathBytes),
    };
  }
}

function grown<Column extends Uint8Array | Uint32Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}

function sharedUint32(column: Uint32Array, length: number): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(length * 4));
  shared.set(column.subarray(0, length));
  return shared;
}

function sharedBytes(column: Uint8Array, length: number): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(length));
  shared.set(column.subarray(0, length));
  return shared;
}
