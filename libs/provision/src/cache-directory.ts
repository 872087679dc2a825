import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { errorCode, isCode } from '#files';

/**
 * Where provisioned things are kept, outside `node_modules` and shared by every checkout on the machine:
 * `SKIPLANE_CACHE_DIR`, else `$XDG_CACHE_HOME/skiplane`, else `~/.cache/skiplane`.
 */
export function defaultCacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  if (env['SKIPLANE_CACHE_DIR']) return resolve(env['SKIPLANE_CACHE_DIR']);
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'skiplane');
  return join(home(), '.cache', 'skiplane');
}

/** A user of a container that no list of users knows has none; whoever then writes to the cache is told what to set. */
function home(): string {
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}

/** The cache cannot be written by this user. */
export class UnwritableCacheError extends Error {
  override readonly name = 'UnwritableCacheError';
}

/** Puts into words that nothing could be written to the cache; undefined where the error is another one. */
export function unwritableCache(error: unknown, directory: string): UnwritableCacheError | undefined {
  if (!isCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) return undefined;
  const message = `this user cannot write to the cache ${directory} (${errorCode(error)}): set SKIPLANE_CACHE_DIR to a folder that it can write to`;
  return new UnwritableCacheError(message, { cause: error });
}
