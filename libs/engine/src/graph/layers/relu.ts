import { relu, reluGradient } from '#tensorflow-graph';
import { onlyInput, type NodeEmitter } from './node-emitter.js';

export const emitRelu: NodeEmitter<'relu'> = ({ graph }, node, inputs) => {
  const output = relu(graph, onlyInput(node, inputs).tensor);
  return { output, backward: (gradient) => [reluGradient(graph, gradient, output)] };
};
