import { asTensor4D } from '../portable/rank.js';
import { pad, shapeOf, slice, takeEvery, takeEveryGradient } from '#tensorflow-graph';
import { takeInputs, type Layer } from './layer.js';

/** He et al. 2015, section 3.3, option A. */
export const zeroPadShortcut: Layer<'zero-pad-shortcut'> = {
  emit({ graph }, node, inputs) {
    const [input] = takeInputs(node, inputs, ['one input']);
    const x = input.tensor;
    const strides = [1, node.stride, node.stride, 1] as const;
    const channels: readonly [number, number] = [node.channelsBefore, node.channelsAfter];
    const taken = node.stride === 1 ? x : takeEvery(graph, x, strides);
    return {
      output: pad(graph, taken, [[0, 0], [0, 0], [0, 0], channels]),
      backward: (gradient) => {
        const kept = slice(graph, gradient, [0, 0, 0, node.channelsBefore], [-1, -1, -1, input.node.shape[2]]);
        return [node.stride === 1 ? kept : takeEveryGradient(graph, shapeOf(graph, x), kept, strides)];
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
