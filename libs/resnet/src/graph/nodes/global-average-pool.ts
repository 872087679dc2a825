import { broadcastTo, floatScalar, mean, multiply, reshape, shapeOf } from '#tensorflow-graph';
import { onlyInput, type NodeEmitter } from './node-emitter.js';

/** [N,H,W,C] to [N,C]. */
export const emitGlobalAveragePool: NodeEmitter<'global-average-pool'> = ({ graph }, node, inputs) => {
  const input = onlyInput(node, inputs);
  const [height, width, channels] = input.node.shape;
  return {
    output: mean(graph, input.tensor, [1, 2]),
    backward: (gradient) => {
      const share = multiply(graph, gradient, floatScalar(graph, 1 / (height * width)));
      return [broadcastTo(graph, reshape(graph, share, [-1, 1, 1, channels]), shapeOf(graph, input.tensor))];
    },
  };
};
