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
import { takeInputs, type Layer } from './layer.js';

/** [N,H,W,C] to [N,C] in float32, whatever the activations are computed in: the head is. */
export const globalAveragePool: Layer<'global-average-pool'> = {
  emit({ graph, sides }, node, inputs) {
    const [input] = takeInputs(node, inputs, ['one input']);
    const [height, width, channels] = input.node.shape;
    return {
      output: mean(graph, cast(graph, input.tensor, 'float32'), [1, 2]),
      backward: (gradient) => {
        const share =
          sides === 'any-size'
            ? divide(graph, gradient, numPixels())
            : multiply(graph, gradient, floatScalar(graph, 1 / (height * width)));
        const pixel = cast(graph, reshape(graph, share, [-1, 1, 1, channels]), input.tensor.dtype);
        return [broadcastTo(graph, pixel, shapeOf(graph, input.tensor))];
      },
    };

    function numPixels(): Tensor {
      const side = (axis: number): Tensor => slice(graph, shapeOf(graph, input.tensor), [axis], [1]);
      return cast(graph, multiply(graph, side(1), side(2)), 'float32');
    }
  },

  forward({ tf }, node, inputs) {
    const [x] = takeInputs(node, inputs, ['one input']);
    return tf.mean(x, [1, 2]);
  },
};
