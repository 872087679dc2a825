import { partSlice, type EvaluationTimeline } from '#contracts';
import type { EvaluationWork } from '#training';
import { readTally } from './counts-vector.js';
import type { Evaluator } from './evaluator.js';

/** Binds an evaluator to the rounds of a plan: a lane counts its slice of the round's part of the split. */
export function evaluationWork(evaluator: Evaluator, timeline: EvaluationTimeline, numClasses: number): EvaluationWork {
  return {
    counts: (lane, round) => {
      const [from, to] = partSlice(timeline, round, lane);
      return evaluator.counts(Uint32Array.from({ length: to - from }, (_, at) => from + at));
    },
    read: (root, round) => ({ round, tally: readTally(root, numClasses) }),
  };
}
