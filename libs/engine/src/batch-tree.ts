import { addVectors, freeMemory, roundToBfloat16 } from '#vectors';
import type { Batch } from '#data-loading';
import type { VectorLayout } from '#resnet';
import type { BatchTree, TrainedStep } from './engine.js';

/** The two trees whose sums a tree adds up; null for a single lane. */
export function branchesOf(tree: BatchTree): readonly [BatchTree, BatchTree] | null {
  return Array.isArray(tree) ? (tree as readonly [BatchTree, BatchTree]) : null;
}

/** The lanes of a tree from left to right. */
export function leavesOf(tree: BatchTree): readonly (Batch | null)[] {
  const branches = branchesOf(tree);
  return branches ? branches.flatMap(leavesOf) : [tree as Batch | null];
}

/**
 * Sum of a tree's lanes on the host. Adds in place, so at most 1 + depth vectors are alive: the result is the first lane's
 * vector, the memory of the others is freed.
 */
export function sumOnHost<Vector extends Float32Array>(
  tree: BatchTree,
  vectorOf: (batch: Batch | null) => Vector,
  numRounded: number,
): Vector {
  const branches = branchesOf(tree);
  if (!branches) {
    const vector = vectorOf(tree as Batch | null);
    roundToBfloat16(vector.subarray(0, numRounded));
    return vector;
  }
  const left = sumOnHost(branches[0], vectorOf, numRounded);
  const right = sumOnHost(branches[1], vectorOf, numRounded);
  addVectors(left, right, numRounded);
  freeMemory(right);
  return left;
}

/** What a reduced vector tells besides the gradient. */
export function scalarsOf(
  root: Float32Array,
  { scalars }: VectorLayout,
): Pick<TrainedStep, 'loss' | 'correct' | 'samples'> {
  const at = (index: number): number => root[index] ?? Number.NaN;
  return { loss: at(scalars.loss), correct: at(scalars.correct), samples: at(scalars.samples) };
}
