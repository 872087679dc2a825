import { addVectors, freeMemory } from '#vectors';
import { childrenOf, type LaneNode } from './lane-tree.js';

/**
 * Sum over a node's lanes in the lane tree's order: the same bits as a parameter server makes of single lanes.
 *
 * Adds in place: the result is the first lane's vector, the memory of the others is freed. `leafVector` is called once
 * per lane in lane order, as late as possible, so at most 1 + depth vectors are alive and one engine can compute its
 * lanes in turn. Cost: one pass of `addInto` per lane beyond the first.
 *
 * Of the first `numRounded` elements every lane's and every sum is rounded to bfloat16, but for a single lane's, which
 * the exchange rounds.
 */
export function sumTree<Vector extends Float32Array>(
  node: LaneNode,
  leafVector: (lane: number) => Vector,
  numRounded = 0,
): Vector {
  return sumOfParts(node, ({ lo, hi }) => (hi - lo === 1 ? leafVector(lo) : null), numRounded);
}

/** `sumTree` of nodes that are added up already: `takePart` gives a node's sum, or null where it is that of its children. */
export function sumOfParts<Vector extends Float32Array>(
  node: LaneNode,
  takePart: (node: LaneNode) => Vector | null,
  numRounded = 0,
): Vector {
  const part = takePart(node);
  if (part !== null) return part;
  const children = childrenOf(node);
  if (children === null) throw new Error(`lane ${node.lo} was to be added before it was computed`);
  const left = sumOfParts(children[0], takePart, numRounded);
  const right = sumOfParts(children[1], takePart, numRounded);
  addVectors(left, right, numRounded);
  freeMemory(right);
  return left;
}
