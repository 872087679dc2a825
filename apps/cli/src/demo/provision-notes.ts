import type { ProvisionProgress } from '#provision';
import { formatBytes } from '../client/quantities.js';

/** Between two lines about the same download. */
const LEAST_STEP = 0.25;

/** Tells provisioning's progress in lines: a download says how far it is at every quarter. */
export function provisionNotes(note: (line: string) => void): ProvisionProgress {
  const told = new Map<string, number>();
  return {
    info: note,
    warn: (message) => note(`warning: ${message}`),
    bytes: (label, doneBytes, totalBytes) => {
      if (totalBytes === undefined || totalBytes === 0) return;
      const share = doneBytes / totalBytes;
      if (share < 1 && share - (told.get(label) ?? 0) < LEAST_STEP) return;
      if (told.get(label) === 1) return;
      told.set(label, share);
      note(`${label}: ${Math.floor(share * 100)} % of ${formatBytes(totalBytes)}`);
    },
  };
}
