import { join } from 'node:path';
import { parseLocation } from '#contracts';
import type { CacheCounts } from './cache/cache-counts.js';
import { CachedFiles } from './cache/cached-files.js';
import type { FileSource } from './open-store.js';
import type { Limits } from './remote/patience.js';
import type { IndexedFile, Unpack } from './indexed-file.js';
import type { WaitOptions } from './store.js';

export interface PathOptions extends WaitOptions {
  /**
   * What was read by the path given before was not as it should be: gone, short, or nothing that can be decoded. A file of the
   * cache is checked by its hash, and made anew where it is damaged or evicted. Default false.
   */
  readonly isSuspect?: boolean;
}

/** Files of a location as paths of this host's disk, where the kernel reads them by slices. */
export interface LocalFiles {
  /**
   * An absolute path. A file of the disk is not looked at here: a reader finds that it has changed. A file of a store and an
   * unpacked part are made whole first where they are not in the cache. Rejects as Store does.
   */
  pathOf(file: IndexedFile, options?: PathOptions): Promise<string>;
  /** What will be wanted, in this order. Replaces what an earlier call named; never throws. */
  prefetch(files: readonly IndexedFile[]): void;
  /** What is being fetched is given up. */
  close(): void;
}

export interface LocalFilesOptions {
  /** Makes the parts of files, where the format has them. */
  readonly unpack?: Unpack | undefined;
  readonly limits?: Limits;
  /** Counts what is asked of the cache. */
  readonly counts?: CacheCounts | undefined;
}

/** Opens the files of a location. */
export function openLocalFiles(source: FileSource, { unpack, limits, counts }: LocalFilesOptions = {}): LocalFiles {
  const parsed = parseLocation(source.location);
  const cached = new CachedFiles(source, { unpack, limits, counts });
  if (parsed.kind !== 'disk') return cached;
  return {
    pathOf: (file, options) =>
      file.part === undefined ? Promise.resolve(join(parsed.folder, file.path)) : cached.pathOf(file, options),
    prefetch: (files) => cached.prefetch(files.filter(({ part }) => part !== undefined)),
    close: () => cached.close(),
  };
}
