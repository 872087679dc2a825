import { RunFaultError } from '#contracts';
import type { IndexedFile } from '#stores';
import type { ReadMemory } from './read-memory.js';

/** A sample could not be read or decoded: names its file. The run's `unreadable` policy decides what follows. */
export class UnreadableSampleError extends RunFaultError {
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

/** What the bytes of a sample are: an image file, or all red, then all green, then all blue bytes, row by row. */
export type SampleEncoding =
  | { readonly kind: 'file' }
  /** All samples have this size: 3 x width x height bytes. */
  | { readonly kind: 'planar-rgb'; readonly width: number; readonly height: number };

/**
 * A data set split as numbered samples of images. Sample numbers 0..length-1 are the same in every process
 * that opens the same files; the order says nothing about training order (see `epochOrder`).
 */
export interface DatasetReader {
  readonly length: number;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  readonly encoding: SampleEncoding;
  /** Throws RangeError for a sample that is not in [0, length). */
  label(sample: number): number;
  /** How the image is turned by EXIF, 1 to 8, as the index knows it; 0: not known. */
  orientation(sample: number): number;
  /**
   * Bytes as `encoding` says, in a buffer of the caller's own or in `memory`. Rejects with UnreadableSampleError when the file
   * is gone or has changed.
   */
  read(sample: number, memory?: ReadMemory): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * For bytes that cannot be decoded: as `read`, from this host's copy of the file once that is checked by its hash and, where it
   * is damaged, fetched anew. Null where files are read where they lie.
   */
  readAnew(sample: number, memory?: ReadMemory): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The files that samples lie in, each once, in the order in which the samples need them. */
  filesOf(samples: Uint32Array): readonly IndexedFile[];
  /** Where the sample lies, for messages: path relative to the data set's folder, and the byte where it is a part. */
  describe(sample: number): string;
  /** Releases what is open; reads under way may still finish, later ones reject. */
  close(): Promise<void>;
}
