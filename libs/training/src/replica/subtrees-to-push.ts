import { maximalSubtrees, type LaneNode } from '#parameter-server';
import type { ReplicaModel } from './replica-model.js';

/**
 * Which nodes of the lane tree can be pushed now: the largest subtrees that the worker drives whole, each as soon as all
 * of its lanes are computed. A lane that was pushed already is not pushed again inside a larger subtree.
 */
export function subtreesToPush(model: ReplicaModel): readonly LaneNode[] {
  const unpushed = model.requested.filter((lane) => !model.pushed.includes(lane));
  if (unpushed.length === 0) return [];
  const computed = new Set(model.computed);
  return maximalSubtrees(model.lanes, new Set(unpushed)).filter((node) => {
    for (let lane = node.lo; lane < node.hi; lane += 1) if (!computed.has(lane)) return false;
    return true;
  });
}
