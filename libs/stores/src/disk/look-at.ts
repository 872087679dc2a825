import type { Stats } from 'node:fs';
import type { StoredObject } from '../store.js';

/** What something is that is neither a file nor a folder: `is a pipe`. */
export function oddityOf(found: Stats): string | undefined {
  if (found.isFile() || found.isDirectory()) return undefined;
  if (found.isFIFO()) return 'is a pipe';
  if (found.isSocket()) return 'is a socket';
  return found.isBlockDevice() || found.isCharacterDevice() ? 'is a device' : 'is no regular file';
}

/** The times of the last change of its content and of itself: a copy may bring an old time of its content along. */
export function versionOf({ mtimeMs, ctimeMs }: Stats): string {
  return `${mtimeMs}:${ctimeMs}`;
}

/** A file as it is now. */
export function objectOf(path: string, found: Stats): StoredObject {
  const changedAtMs = Math.max(found.mtimeMs, found.ctimeMs);
  return { kind: 'object', path, sizeBytes: found.size, version: versionOf(found), changedAtMs };
}
