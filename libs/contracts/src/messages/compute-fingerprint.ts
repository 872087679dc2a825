import type { Bits, RunSpec } from '../run-spec/run-spec.schema.js';

/** How a GPU's fingerprint ends; a CPU's says nothing, its bits are the same either way. */
const ENDING = /\/(?:exact|fast)$/;

/** How a CPU's fingerprint ends: the unit that multiplies numbers of 16 bits, which nothing in fp32 depends on. */
const BF16_UNIT = /\/bf16-[a-z0-9]+$/;

/** A device's fingerprint as it is when it computes such bits. */
export function withBits(fingerprint: string, bits: Bits): string {
  return fingerprint.replace(ENDING, `/${bits}`);
}

/** A worker's fingerprint as it is when it computes a run. */
export function fingerprintUnder(
  fingerprint: string,
  { bits, precision }: Pick<RunSpec, 'bits' | 'precision'>,
): string {
  return withBits(precision === 'fp32' ? fingerprint.replace(BF16_UNIT, '') : fingerprint, bits);
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
