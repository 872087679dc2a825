import type { Store, WaitOptions } from './store.js';

/** A file as an index knows it. */
export interface IndexedFile {
  /** Relative to the location, with '/'. */
  readonly path: string;
  /** Of the file as it lies in the store. */
  readonly sizeBytes: number;
  /** Empty where the index was made of a copy elsewhere, of which the size alone says that it is the same. */
  readonly version: string;
  /** A part of the file that is read unpacked, such as a row group of parquet: its number. Absent: the file as it is. */
  readonly part?: number;
  /** Bytes of the part when it is unpacked. */
  readonly partBytes?: number;
}

/** Bytes that a file takes in the shard cache. */
export function cachedBytes({ sizeBytes, partBytes }: IndexedFile): number {
  return partBytes ?? sizeBytes;
}

/** What a part of a file holds, unpacked: the same bytes on every host. */
export type Unpack = (store: Store, file: IndexedFile, options: WaitOptions) => AsyncIterable<Uint8Array>;
