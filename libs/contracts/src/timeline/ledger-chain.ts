import { hash } from 'node:crypto';

/** What the chain binds of a committed step. */
export interface LedgerLink {
  readonly step: number;
  readonly loss: number;
  /** Of the step's reduced gradient. */
  readonly digest: string;
}

/**
 * Whether digests of two gradients say if these are the same. Both must be there and of one kind: steps of earlier versions
 * have 32 hex digits, made by mixing the vector's words in order, those of today 16, a sum that a graph makes as well.
 */
export function areComparable(a: string | null | undefined, b: string | null | undefined): boolean {
  return typeof a === 'string' && typeof b === 'string' && a.length === b.length;
}

/** The chain before step 1. */
export const CHAIN_START = '0'.repeat(64);

/**
 * The chain after a step: SHA-256 of the chain before it, the step, the bits of the loss and the digest of the reduced
 * gradient. Two runs with the same chain after a step took the same steps up to there.
 */
export function chainAfter(before: string, { step, loss, digest }: LedgerLink): string {
  return hash('sha256', `${before} ${step} ${lossBits(loss)} ${digest}`);
}

const BITS = Buffer.alloc(8);

/** The bits of a loss, 16 hex digits. */
function lossBits(loss: number): string {
  BITS.writeDoubleBE(loss);
  return BITS.toString('hex');
}
