import { covers, type LaneNode, type LaneTree } from './lane-tree.js';

/** What a reduction does with the values it is given; it owns each from `put` until it drops or returns it. */
export interface ValueOperations<Value> {
  /** left + right; consumes both and returns the sum, which may be `left` changed in place. */
  add(left: Value, right: Value): Value;
  /** The value is not needed any more. */
  drop(value: Value): void;
}

interface Entry<Value> {
  readonly node: LaneNode;
  readonly value: Value;
}

/**
 * The lane tree of one round, partly summed: as soon as both children of a node are present they become the node.
 * What is present is always a set of disjoint maximal subtrees, at most one value per lane.
 *
 * Works alike on a parameter server (one range of many workers' pushes) and in a worker (its own lanes, in whatever
 * order they finish: when all are in, `present` is what has to be pushed).
 */
export class Reduction<Value> {
  readonly #tree: LaneTree;
  readonly #operations: ValueOperations<Value>;
  #entries: readonly Entry<Value>[] = [];

  constructor(tree: LaneTree, operations: ValueOperations<Value>) {
    this.#tree = tree;
    this.#operations = operations;
  }

  /** The nodes summed so far, in lane order. */
  get present(): readonly Entry<Value>[] {
    return this.#entries;
  }

  /** The sum over all lanes, once complete. */
  get root(): Value | undefined {
    const first = this.#entries[0];
    return first !== undefined && first.node.hi - first.node.lo === this.#tree.lanes ? first.value : undefined;
  }

  /** True where this node's sum, or one that contains it, is already here: its value is not needed. */
  isCovered(node: LaneNode): boolean {
    return this.#entries.some((entry) => covers(entry.node, node));
  }

  /**
   * Takes a node's value. A node that is already covered is dropped (the same node always has the same bytes); one
   * that covers nodes already here replaces them.
   */
  put(node: LaneNode, value: Value): void {
    if (!this.#tree.contains(node))
      throw new RangeError(`[${node.lo}, ${node.hi}) is not in the tree of ${this.#tree.lanes} lanes`);
    if (this.isCovered(node)) {
      this.#operations.drop(value);
      return;
    }
    const kept: Entry<Value>[] = [];
    for (const entry of this.#entries) {
      if (covers(node, entry.node)) this.#operations.drop(entry.value);
      else kept.push(entry);
    }
    kept.push(this.#climb({ node, value }, kept));
    this.#entries = kept.sort((a, b) => a.node.lo - b.node.lo);
  }

  /** Drops everything. */
  clear(): void {
    for (const entry of this.#entries) this.#operations.drop(entry.value);
    this.#entries = [];
  }

  /** Adds up towards the root for as long as the sibling is among `others`, which it removes there. */
  #climb(start: Entry<Value>, others: Entry<Value>[]): Entry<Value> {
    let current = start;
    for (;;) {
      const family = this.#tree.family(current.node);
      if (family === null) return current;
      const isLeft = family.left.lo === current.node.lo;
      const sibling = isLeft ? family.right : family.left;
      const index = others.findIndex(({ node }) => node.lo === sibling.lo && node.hi === sibling.hi);
      const [other] = index === -1 ? [] : others.splice(index, 1);
      if (other === undefined) return current;
      const value = isLeft
        ? this.#operations.add(current.value, other.value)
        : this.#operations.add(other.value, current.value);
      current = { node: family.parent, value };
    }
  }
}
