import type { Stats } from 'node:fs';

/** What something is that is neither a file nor a folder: `is a pipe`. */
export function oddityOf(found: Stats): string | undefined {
  if (found.isFile() || found.isDirectory()) return undefined;
  if (found.isFIFO()) return 'is a pipe';
  if (found.isSocket()) return 'is a socket';
  return found.isBlockDevice() || found.isCharacterDevice() ? 'is a device' : 'is no regular file';
}

/** The time of the last change, in milliseconds with their fraction. */
export function versionOf({ mtimeMs }: Stats): string {
  return String(mtimeMs);
}
