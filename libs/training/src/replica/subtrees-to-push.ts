import { maximalSubtrees, type LaneNode } from '#parameter-server';
import type { ReplicaModel } from './replica-model.js';

/**
 * Which nodes of the lane tree can be pushed now: those of which parts are pushed already, else the largest subtrees that the
 * worker drives whole, each as soon as all of its lanes are computed. A lane that was pushed already is not pushed again
 * inside a larger subtree.
 */
export function subtreesToPush(model: ReplicaModel): readonly LaneNode[] {
  const unpushed = model.requested.filter((lane) => !model.pushed.includes(lane));
  if (unpushed.length === 0) return [];
  const begun = model.begun.filter((node) => lanesOf(node).every((lane) => unpushed.includes(lane)));
  const begunLanes = begun.flatMap(lanesOf);
  const others = unpushed.filter((lane) => !begunLanes.includes(lane));
  const computed = new Set(model.computed);
  return [...begun, ...maximalSubtrees(model.lanes, new Set(others))].filter((node) =>
    lanesOf(node).every((lane) => computed.has(lane)),
  );
}

/** The lanes of a node, ascending. */
export const lanesOf = ({ lo, hi }: LaneNode): readonly number[] =>
  Array.from({ length: hi - lo }, (_, index) => lo + index);
