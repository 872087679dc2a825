import { asTensor4D } from '../portable/rank.js';
import { onePixelPool, onePixelPoolGradient, pad, shapeOf, slice } from '#tensorflow-graph';
import { takeInputs, type Layer } from './layer.js';

/** He et al. 2015, section 3.3, option A. */
export const zeroPadShortcut: Layer<'zero-pad-shortcut'> = {
  emit({ graph }, node, inputs) {
    const [input] = takeInputs(node, inputs, ['one input']);
    const x = input.tensor;
    const channels: readonly [number, number] = [node.channelsBefore, node.channelsAfter];
    const taken = node.stride === 1 ? x : onePixelPool(graph, x, node.stride);
    return {
      output: pad(graph, taken, [[0, 0], [0, 0], [0, 0], channels]),
      backward: (gradient) => {
        const kept = slice(graph, gradient, [0, 0, 0, node.channelsBefore], [-1, -1, -1, input.node.shape[2]]);
        return [node.stride === 1 ? kept : onePixelPoolGradient(graph, shapeOf(graph, x), kept, node.stride)];
      },
    };
  },

  forward({ tf }, node, inputs) {
    const [x] = takeInputs(node, inputs, ['one input']);
    // An average over one pixel: strided slices have no gradient in TensorFlow.js.
    const strided = tf.avgPool(asTensor4D(x), 1, node.stride, 'valid');
    return tf.pad(strided, [
      [0, 0],
      [0, 0],
      [0, 0],
      [node.channelsBefore, node.channelsAfter],
    ]);
  },
};
