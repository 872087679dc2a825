import type { IndexedFile } from '../indexed-file.js';
import type { FileSource } from '../open-store.js';
import { ShardCache } from './shard-cache.js';

/** How much of a set of files is in this host's shard cache. */
export interface CacheProgress {
  readonly numFiles: number;
  readonly numFilesHere: number;
  readonly numBytes: number;
  readonly numBytesHere: number;
}

/** Looks which of the files are in the cache, by whichever process: two looks at the disk a file. */
export async function cacheProgress(
  { location, settings }: FileSource,
  files: readonly IndexedFile[],
): Promise<CacheProgress> {
  const cache = new ShardCache(settings.cache);
  let [numFilesHere, numBytesHere, numBytes] = [0, 0, 0];
  for (const file of files) {
    numBytes += file.sizeBytes;
    if (!(await cache.has(location, file))) continue;
    numFilesHere += 1;
    numBytesHere += file.sizeBytes;
  }
  return { numFiles: files.length, numFilesHere, numBytes, numBytesHere };
}
