import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

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

const UNWRITABLE: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'];

/** Puts into words that nothing could be written to the cache; undefined where the error is another one. */
export function unwritableCache(error: unknown, directory: string): UnwritableCacheError | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (!UNWRITABLE.includes(code)) return undefined;
  const message = `this user cannot write to the cache ${directory} (${String(code)}): set SKIPLANE_CACHE_DIR to a folder that it can write to`;
  return new UnwritableCacheError(message, { cause: error });
}
