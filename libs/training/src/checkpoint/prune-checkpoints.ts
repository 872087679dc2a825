import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSpec } from '#contracts';

const FOLDER_PATTERN = /^step-(\d{8,})$/;
const LEFT_BEHIND_AFTER_MS = 3_600_000;

/**
 * Removes all checkpoints but those that are kept, and what dead writers left half written an hour ago or more. Now is when
 * the folder last changed, by this writing: one clock, the file system's, dates that and what other hosts write.
 * `wasBest`: whether the checkpoint in a folder was the best when it was written. The last of them is the best that was
 * written, also where the writer of a better one died.
 */
export function prune(
  directory: string,
  keep: RunSpec['checkpoint']['keep'],
  wasBest: (folder: string) => boolean,
): void {
  const now = statSync(directory).mtimeMs;
  const entries = readdirSync(directory);
  const folders = entries.filter((entry) => FOLDER_PATTERN.test(entry)).sort();
  const kept =
    keep === 'best'
      ? [folders.at(-1), folders.findLast((folder) => wasBest(join(directory, folder)))]
      : folders.slice(-keep);
  for (const folder of folders)
    if (!kept.includes(folder)) rmSync(join(directory, folder), { recursive: true, force: true });
  for (const entry of entries.filter((name) => name.startsWith('.step-'))) {
    const path = join(directory, entry);
    const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (writtenAt !== undefined && now - writtenAt > LEFT_BEHIND_AFTER_MS)
      rmSync(path, { recursive: true, force: true });
  }
}
