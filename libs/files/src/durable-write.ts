import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface AtomicWriteOptions {
  /**
   * Whether the file outlives a power cut. False spares two syncs, for files that can be made again: after a power cut one
   * may be empty. Default true.
   */
  readonly isDurable?: boolean;
}

/** Replaces a file in one move: after a crash or a power cut there is the old content or the new, never a mixture. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  { isDurable = true }: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await (isDurable ? writeDurably : writeFile)(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    // On a full disk what was begun is in the way of all others. The error that counts is the first.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  if (isDurable) await syncFolder(dirname(path));
}

/** Writes a new file; when it resolves the content, not yet the name, outlives a power cut. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a folder and those above it that are missing; when it resolves all of them outlive a power cut. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** A rename or a new name is on disk only once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
