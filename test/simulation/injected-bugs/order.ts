import { Reduction as Sound } from '../../../libs/parameter-server/src/reduce/reduction.js';

type Node = Parameters<Sound<unknown>['put']>[0];

/** An injected bug: gradients are added in the order in which they arrive, not along the lane tree. */
export class Reduction<Value> extends Sound<Value> {
  readonly #lanes: number;
  readonly #operations: ConstructorParameters<typeof Sound<Value>>[1];
  readonly #nodes: Node[] = [];
  #sum: Value | undefined;

  constructor(...[tree, operations]: ConstructorParameters<typeof Sound<Value>>) {
    super(tree, operations);
    this.#lanes = tree.lanes;
    this.#operations = operations;
  }

  override get root(): Value | undefined {
    const numLanes = this.#nodes.reduce((sum, node) => sum + node.hi - node.lo, 0);
    return numLanes === this.#lanes ? this.#sum : undefined;
  }

  override put(node: Node, value: Value): void {
    if (this.#nodes.some((held) => held.lo < node.hi && node.lo < held.hi)) {
      this.#operations.drop(value);
      return;
    }
    this.#nodes.push(node);
    this.#sum = this.#sum === undefined ? value : this.#operations.add(this.#sum, value);
  }
}
