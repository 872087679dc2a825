import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { IndexedFile } from '../indexed-file.js';

/** What lies beside a file of the cache: where it comes from, and how it is known to be whole. */
export const cachedFileSchema = z.strictObject({
  version: z.literal(1),
  location: z.string(),
  path: z.string(),
  objectVersion: z.string(),
  part: z.int().optional(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string(),
  /** Inode and times of the file as it was when the hash was right: while they stay, so does the content. */
  stamp: z.string(),
});
export type CachedFile = z.infer<typeof cachedFileSchema>;

/** The name in the cache; another version of a file is another name. */
export function cacheKey(location: string, { path, sizeBytes, version, part }: IndexedFile): string {
  const identity = JSON.stringify([location, path, sizeBytes, version, part ?? -1]);
  return createHash('sha256').update(identity).digest('hex');
}

/** Files of the cache folder, all named after the key. */
export const namesOf = (key: string): { readonly data: string; readonly about: string; readonly lock: string } => ({
  data: `${key}.data`,
  about: `${key}.json`,
  lock: `${key}.lock`,
});
