import type { Bucket } from '../support/object-server/in-bucket.js';
import type { TrainingStack } from '../support/training-stack.js';
import type { CommitWatch } from './commit-watch.js';
import type { WireTap } from './wire-tap.js';

/** A run under way, as phases and roles see it. */
export interface Scene {
  readonly world: TrainingStack;
  readonly tap: WireTap;
  readonly commits: CommitWatch;
  /** Where checkpoints lie; null: on disk. */
  readonly bucket: Bucket | null;
  readonly runId: string;
  /** From this round on the moment may come. */
  readonly round: number;
  /** Chooses among equals; the same for the same seed. */
  readonly seed: number;
}

/** The moment has come; whatever it depends on is held until `release`. */
export interface Strike {
  /** Whom the moment is about; null where any will do. */
  readonly workerId: string | null;
  readonly server: number | null;
  /** Lets go of what is held. What came from a server that was killed must not arrive any more. */
  release(killedServer: number | null): void;
}

export const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
