import { join } from 'node:path';
import { parseLocation, RefusedInputError } from '#contracts';
import type { FileSource } from './open-store.js';
import type { Store, WaitOptions } from './store.js';

/** A file as an index knows it. */
export interface IndexedFile {
  /** Relative to the location, with '/'. */
  readonly path: string;
  /** Of the file as it lies in the store. */
  readonly sizeBytes: number;
  readonly version: string;
  /** A part of the file that is read unpacked, such as a row group of parquet: its number. Absent: the file as it is. */
  readonly part?: number;
}

/** What a part of a file holds, unpacked: the same bytes on every host. */
export type Unpack = (store: Store, file: IndexedFile, options: WaitOptions) => AsyncIterable<Uint8Array>;

/** Files of a location as paths of this host's disk, where the kernel reads them by slices. */
export interface LocalFiles {
  /**
   * An absolute path. A file of the disk is not looked at here: a reader finds that it has changed. A file of a store and an
   * unpacked part are made whole first where they are not in the cache. Rejects as Store does.
   */
  pathOf(file: IndexedFile, options?: WaitOptions): Promise<string>;
  /** What will be wanted, in this order. Replaces what an earlier call named; never throws. */
  prefetch(files: readonly IndexedFile[]): void;
  close(): void;
}

/** Opens the files of a location. `unpack` makes the parts of files, where the format has them. */
export function openLocalFiles(source: FileSource, _options: { readonly unpack?: Unpack } = {}): LocalFiles {
  const parsed = parseLocation(source.location);
  if (parsed.kind !== 'disk') throw new RefusedInputError(`${source.location}: only folders of the disk are read`);
  return {
    pathOf: ({ path }) => Promise.resolve(join(parsed.folder, path)),
    prefetch: () => undefined,
    close: () => undefined,
  };
}
