import {
  broadcastTo,
  cast,
  divide,
  floatScalar,
  mean,
  multiply,
  reshape,
  shapeOf,
  slice,
  type Tensor,
} from '#tensorflow-graph';
import { onlyInput, type NodeEmitter } from './node-emitter.js';

/** [N,H,W,C] to [N,C]. */
export const emitGlobalAveragePool: NodeEmitter<'global-average-pool'> = ({ graph, sides }, node, inputs) => {
  const input = onlyInput(node, inputs);
  const [height, width, channels] = input.node.shape;
  return {
    output: mean(graph, input.tensor, [1, 2]),
    backward: (gradient) => {
      const share =
        sides === 'any-size'
          ? divide(graph, gradient, numPixels())
          : multiply(graph, gradient, floatScalar(graph, 1 / (height * width)));
      return [broadcastTo(graph, reshape(graph, share, [-1, 1, 1, channels]), shapeOf(graph, input.tensor))];
    },
  };

  function numPixels(): Tensor {
    const side = (axis: number): Tensor => slice(graph, shapeOf(graph, input.tensor), [axis], [1]);
    return cast(graph, multiply(graph, side(1), side(2)), 'float32');
  }
};
