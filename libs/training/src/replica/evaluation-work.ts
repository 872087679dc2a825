import type { EvaluationPart } from '#contracts';
import type { LaneResult } from './lane-result.js';

/** What a replica does in the rounds of an evaluation by itself, which trains nothing and writes no checkpoint. */
export interface EvaluationWork {
  /** Counts of a lane's slice of the round's part. */
  counts(lane: number, round: number): Promise<LaneResult>;
  /** What the root of a round tells. */
  read(root: Float32Array, round: number): EvaluationPart;
}
