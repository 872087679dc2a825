/** A node of the lane tree: the sum over lanes lo..hi-1. */
export interface LaneNode {
  readonly lo: number;
  readonly hi: number;
}

/**
 * The fixed binary tree over lanes 0..lanes-1 in which gradients are added. Every process builds the same tree from
 * the number of lanes alone, and a parent is always left + right of the same two children, so who drove which lane
 * leaves no trace in the bits.
 *
 * A node splits at lo + ceil(size / 2): with workers = 2, 4, 8, ... the shares ceil(lanes / workers) are then whole
 * nodes, so each worker pushes one vector.
 */
export interface LaneTree {
  readonly lanes: number;
  readonly root: LaneNode;
  /** True where the node belongs to this tree. */
  contains(node: LaneNode): boolean;
  /** The node's sibling and parent; null for the root. */
  family(node: LaneNode): { readonly left: LaneNode; readonly right: LaneNode; readonly parent: LaneNode } | null;
}

/** The two children of a node; null for a leaf (one lane). */
export function childrenOf(node: LaneNode): readonly [LaneNode, LaneNode] | null {
  const size = node.hi - node.lo;
  if (size < 2) return null;
  const middle = node.lo + Math.ceil(size / 2);
  return [
    { lo: node.lo, hi: middle },
    { lo: middle, hi: node.hi },
  ];
}

/** What `join` makes of a node's lanes, always of left and right as the tree has them. */
export function foldTree<Value>(
  node: LaneNode,
  leaf: (lane: number) => Value,
  join: (left: Value, right: Value) => Value,
): Value {
  const children = childrenOf(node);
  if (children === null) return leaf(node.lo);
  const [left, right] = [foldTree(children[0], leaf, join), foldTree(children[1], leaf, join)];
  return join(left, right);
}

/** Builds the lane tree; lanes is an integer from 1. */
export function laneTree(lanes: number): LaneTree {
  if (!Number.isInteger(lanes) || lanes < 1) throw new RangeError(`lanes must be an integer from 1, got ${lanes}`);
  const root: LaneNode = { lo: 0, hi: lanes };
  const families = new Map<number, ReturnType<LaneTree['family']>>();
  const keyOf = (node: LaneNode): number => node.lo * (lanes + 1) + node.hi;
  const grow = (parent: LaneNode): void => {
    const children = childrenOf(parent);
    if (children === null) return;
    const [left, right] = children;
    for (const child of children) {
      families.set(keyOf(child), { left, right, parent });
      grow(child);
    }
  };
  families.set(keyOf(root), null);
  grow(root);
  return {
    lanes,
    root,
    // The key of a foreign node could collide only if hi lay outside 1..lanes.
    contains: (node) => node.lo >= 0 && node.hi >= 1 && node.hi <= lanes && families.has(keyOf(node)),
    family: (node) => families.get(keyOf(node)) ?? null,
  };
}

/** The fewest nodes that cover exactly the owned lanes, in lane order: what a worker pushes. */
export function maximalSubtrees(lanes: number, owned: Iterable<number>): readonly LaneNode[] {
  const isOwned = new Uint8Array(lanes);
  for (const lane of owned) {
    if (!Number.isInteger(lane) || lane < 0 || lane >= lanes)
      throw new RangeError(`lane ${lane} is not in 0..${lanes - 1}`);
    isOwned[lane] = 1;
  }
  const nodes: LaneNode[] = [];
  const visit = (node: LaneNode): void => {
    const count = isOwned.subarray(node.lo, node.hi).reduce((sum, flag) => sum + flag, 0);
    if (count === node.hi - node.lo) nodes.push(node);
    else if (count > 0) for (const child of childrenOf(node) ?? []) visit(child);
  };
  visit({ lo: 0, hi: lanes });
  return nodes;
}

/** True where `outer` is `inner` or one of its ancestors. */
export function covers(outer: LaneNode, inner: LaneNode): boolean {
  return outer.lo <= inner.lo && inner.hi <= outer.hi;
}
