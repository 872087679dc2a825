import type { FaultKindName } from './fault-kinds.js';
import type { FaultFound } from './open-faults.js';

/** Looks from time to time whether something is wrong. */
export interface FaultObserver {
  /** All that it can find. */
  readonly kinds: readonly FaultKindName[];
  /** Looks are as many ticks apart; default 1. For what costs connections. */
  readonly everyTicks?: number;
  /** What is wrong now. Throws where that cannot be known now; what was open stays open. */
  look(): readonly FaultFound[] | Promise<readonly FaultFound[]>;
}
