import { addInto } from './add-into.js';
import { childrenOf, type LaneNode } from './lane-tree.js';

/**
 * Sum over a node's lanes in the lane tree's order: the same bits as a parameter server makes of single lanes.
 *
 * Adds in place: the result is the first lane's vector, the others are scratch afterwards. `leafVector` is called once
 * per lane in lane order, as late as possible, so at most 1 + depth vectors are alive and one engine can compute its
 * lanes in turn. Cost: one pass of `addInto` per lane beyond the first.
 */
export function sumTree(
  node: LaneNode,
  leafVector: (lane: number) => Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const children = childrenOf(node);
  if (children === null) return leafVector(node.lo);
  const left = sumTree(children[0], leafVector);
  const right = sumTree(children[1], leafVector);
  addInto(left, right);
  return left;
}
