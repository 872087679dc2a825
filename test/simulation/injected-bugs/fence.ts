import { Reduction as Sound } from '../../../libs/parameter-server/src/reduce/reduction.js';

type Node = Parameters<Sound<unknown>['put']>[0];

/** An injected bug: the gradient of a lane that comes a second time, from a late or repeated push, is added once more. */
export class Reduction<Value> extends Sound<Value> {
  readonly #operations: ConstructorParameters<typeof Sound<Value>>[1];

  constructor(...[tree, operations]: ConstructorParameters<typeof Sound<Value>>) {
    super(tree, operations);
    this.#operations = operations;
  }

  override put(node: Node, value: Value): void {
    const covering = this.present.find((entry) => entry.node.lo <= node.lo && node.hi <= entry.node.hi);
    if (covering === undefined) super.put(node, value);
    else this.#operations.add(covering.value, value);
  }
}
