import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRemote } from '#contracts';
import { isCode, isMissing } from '#files';
import { withTimeLimit, type Store } from '#stores';
import { mapBounded } from '../map-bounded.js';

/** What tells that something has changed; null: it is not there. */
export type Stamp = string | null;

/** Of what is not known well enough to be found unchanged. */
export const UNSETTLED = 'unsettled';

/** A disk of the network that does not answer keeps nobody waiting for longer. */
const LIMIT_MS = 30_000;
const AT_ONCE = 16;
/** The clocks of disks are coarse (FAT: 2 s): what changed so shortly before may change again and look the same. */
export const SETTLED_AFTER_MS = 2_000;

/**
 * The stamps of what a scan depends on (`DatasetScan.dependsOn`), in its order. On disk a stamp is made of size and time; in a
 * store of the version, and of a folder's list. What changed at `settledBefore` or later (milliseconds of the epoch) has the stamp
 * UNSETTLED: it was looked at before that change, or may change again and look the same.
 */
export function stampsOf(store: Store, paths: readonly string[], settledBefore = Infinity): Promise<readonly Stamp[]> {
  const stamp = isRemote(store.location) ? stampInStore : stampOnDisk;
  return mapBounded(paths, AT_ONCE, (path) => stamp(store, path, settledBefore));
}

async function stampOnDisk({ location }: Store, path: string, settledBefore: number): Promise<Stamp> {
  const shown = join(location, path);
  try {
    const waiting = { limitMs: LIMIT_MS };
    const { size, mtimeMs, ctimeMs } = await withTimeLimit(`the disk did not answer for ${shown}`, waiting, () =>
      stat(shown),
    );
    if (Math.max(mtimeMs, ctimeMs) >= settledBefore) return UNSETTLED;
    return path.endsWith('/') ? `${mtimeMs}:${ctimeMs}` : `${size}:${mtimeMs}:${ctimeMs}`;
  } catch (error) {
    if (isMissing(error) || isCode(error, 'ENOTDIR', 'ELOOP')) return null;
    throw error;
  }
}

async function stampInStore(store: Store, path: string): Promise<Stamp> {
  if (!path.endsWith('/')) return (await store.stat(path))?.version ?? null;
  const entries: string[] = [];
  for await (const entry of store.list(path.slice(0, -1)))
    entries.push(entry.kind === 'object' ? `${entry.path}\0${entry.version}` : entry.path);
  return createHash('sha256').update(entries.sort().join('\n')).digest('hex');
}
