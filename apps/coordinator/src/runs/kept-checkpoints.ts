import type { Checkpoint } from '#contracts';

/** The newest `keep` checkpoints, oldest first: those a run keeps on disk. */
export function keptCheckpoints(checkpoints: readonly Checkpoint[], keep: number): Checkpoint[] {
  return checkpoints.toSorted((left, right) => left.step - right.step).slice(-keep);
}
