import type { Bits } from '../run-spec/run-spec.schema.js';

/** How a GPU's fingerprint ends; a CPU's says nothing, its bits are the same either way. */
const ENDING = /\/(?:exact|fast)$/;

/** A worker's fingerprint as it is when it computes a run of such bits. */
export function fingerprintUnder(fingerprint: string, bits: Bits): string {
  return fingerprint.replace(ENDING, `/${bits}`);
}

/** Whether a device of this fingerprint gives other bits each time. */
export function isFast(fingerprint: string): boolean {
  return fingerprint.endsWith('/fast');
}

/**
 * Whether a worker gives the bits that a run was begun with. A run recorded before GPUs said more of themselves than
 * TensorFlow's version and their name goes on with those of that version and name.
 */
export function computesAlike(recorded: string, fingerprint: string): boolean {
  return recorded === fingerprint || (ENDING.test(fingerprint) && fingerprint.startsWith(`${recorded}/`));
}
