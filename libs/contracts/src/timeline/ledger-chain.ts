import { hash } from 'node:crypto';

/** What the chain binds of a committed step. */
export interface LedgerLink {
  readonly step: number;
  readonly loss: number;
  /** Of the step's reduced gradient, 32 hex digits. */
  readonly digest: string;
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
