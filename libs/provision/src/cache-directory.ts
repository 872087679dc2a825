import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where provisioned things are kept, outside `node_modules` and shared by every checkout on the machine:
 * `SKIPLANE_CACHE_DIR`, else `$XDG_CACHE_HOME/skiplane`, else `~/.cache/skiplane`.
 */
export function defaultCacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  if (env['SKIPLANE_CACHE_DIR']) return resolve(env['SKIPLANE_CACHE_DIR']);
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'skiplane');
  return join(homedir(), '.cache', 'skiplane');
}
