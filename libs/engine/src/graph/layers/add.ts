import { add } from '#tensorflow-graph';
import type { NodeEmitter } from './node-emitter.js';

export const emitAdd: NodeEmitter<'add'> = ({ graph }, _node, inputs) => {
  const [left, right] = inputs;
  if (left === undefined || right === undefined || inputs.length !== 2) {
    throw new Error(`an add node takes two inputs, the network gives it ${inputs.length}`);
  }
  return { output: add(graph, left.tensor, right.tensor), backward: (gradient) => [gradient, gradient] };
};
