import { readdir } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { isMissing } from '#files';
import { cachedBytes, type IndexedFile } from '../indexed-file.js';
import type { FileSource } from '../open-store.js';
import { cacheKey, namesOf } from './cached-file.js';

/** How much of a set of files is in this host's shard cache. */
export interface CacheProgress {
  readonly numFiles: number;
  readonly numFilesHere: number;
  readonly numBytes: number;
  readonly numBytesHere: number;
}

/** One millisecond. */
const FILES_A_TURN = 500;

/**
 * Looks which of the files are in the cache, by whichever process, as far as their names tell: one listing of the cache, and
 * 2 µs a file, in turns with what else this thread does. Null where the cache cannot be listed: whoever reads files is told why.
 */
export async function cacheProgress(
  { location, settings }: FileSource,
  files: Iterable<IndexedFile>,
  signal?: AbortSignal,
): Promise<CacheProgress | null> {
  const names = await namesIn(settings.cache.folder);
  if (names === null) return null;
  const here = new Set(names);
  let [numFiles, numFilesHere, numBytes, numBytesHere] = [0, 0, 0, 0];
  for (const file of files) {
    numFiles += 1;
    numBytes += cachedBytes(file);
    const { about, data } = namesOf(cacheKey(location, file));
    if (here.has(about) && here.has(data)) {
      numFilesHere += 1;
      numBytesHere += cachedBytes(file);
    }
    if (numFiles % FILES_A_TURN === 0) await turn(undefined, { signal });
  }
  return { numFiles, numFilesHere, numBytes, numBytesHere };
}

async function namesIn(folder: string): Promise<readonly string[] | null> {
  return await readdir(folder).catch((error: unknown) => (isMissing(error) ? [] : null));
}
