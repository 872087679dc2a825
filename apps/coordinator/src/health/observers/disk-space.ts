import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { isMissing } from '#files';
import type { FaultObserver } from '../fault-observer.js';
import type { FaultFound } from '../open-faults.js';

const GIB = 2 ** 30;
/** Little whatever the disk's size. */
const LEAST_BYTES = 2 * GIB;
/** Little for its size, unless there is plenty all the same. */
const LEAST_SHARE = 0.05;
const PLENTY_BYTES = 20 * GIB;

export interface Space {
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

/** How much room the disk of a folder has for this user. */
export async function spaceOf(folder: string): Promise<Space> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}

/** Whether a disk is about to be full. */
export function isLow({ freeBytes, sizeBytes }: Space): boolean {
  return freeBytes < LEAST_BYTES || (freeBytes < PLENTY_BYTES && freeBytes < sizeBytes * LEAST_SHARE);
}

/** The disks of the records and of the checkpoints, before they are full, and whether checkpoints can be written. */
export function diskSpaceObserver(
  { dataDirectory, checkpointDirectory }: { readonly dataDirectory: string; readonly checkpointDirectory: string },
  space: typeof spaceOf = spaceOf,
): FaultObserver {
  return {
    kinds: ['disk-space', 'checkpoint-folder'],
    async look() {
      const found: FaultFound[] = [];
      for (const subject of new Set([dataDirectory, checkpointDirectory])) {
        const there = await space(subject).catch((error: unknown) => {
          // Made by the first who writes to it.
          if (isMissing(error)) return undefined;
          throw error;
        });
        if (there === undefined || !isLow(there)) continue;
        const share = ((there.freeBytes / there.sizeBytes) * 100).toFixed(1);
        const message = `the disk of ${subject} has ${(there.freeBytes / GIB).toFixed(2)} GiB left (${share} %)`;
        found.push({ kind: 'disk-space', subject, message });
      }
      const trouble = await access(checkpointDirectory, constants.W_OK).then(
        () => undefined,
        (error: unknown) => (isMissing(error) ? undefined : String(error)),
      );
      if (trouble !== undefined) {
        const message = `checkpoints cannot be written to ${checkpointDirectory}: ${trouble}`;
        found.push({ kind: 'checkpoint-folder', subject: checkpointDirectory, message });
      }
      return found;
    },
  };
}
