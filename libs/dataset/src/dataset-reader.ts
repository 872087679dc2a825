/** A sample could not be read or decoded: names its file. The run's `unreadable` policy decides what follows. */
export class UnreadableSampleError extends Error {
  override readonly name = 'UnreadableSampleError';
  constructor(
    /** Path of the sample, relative to the data set's folder. */
    readonly path: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${reason}`, options);
  }
}

/**
 * A data set split as numbered samples of encoded images. Sample numbers 0..length-1 are the same in every process
 * that opens the same files; the order says nothing about training order (see `epochOrder`).
 */
export interface DatasetReader {
  readonly length: number;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** Throws RangeError for a sample that is not in [0, length). */
  label(sample: number): number;
  /** Encoded bytes, owned by the caller. Rejects with UnreadableSampleError when the file is gone or has changed. */
  read(sample: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Where the sample lies, for messages: path relative to the data set's folder. */
  describe(sample: number): string;
  /** Releases what is open; reads under way may still finish, later ones reject. */
  close(): Promise<void>;
}
