import { maxPool as pool, maxPoolGradient } from '#tensorflow-graph';
import { asTensor4D } from '../portable/rank.js';
import { takeInputs, type Layer } from './layer.js';
import { padWindow } from './padded-window.js';

/**
 * PyTorch pads with minus infinity; zeros give the same maximum because the input is never negative, and where a padding
 * zero ties with a real one, the gradient it takes would have been stopped by the ReLU before.
 */
export const maxPool: Layer<'max-pool'> = {
  emit(context, node, inputs) {
    const { graph } = context;
    const [input] = takeInputs(node, inputs, ['one input']);
    if (node.padding > 0 && input.node.kind !== 'relu') {
      throw new Error(`a padded max-pool must follow a ReLU, not a ${input.node.kind} node`);
    }
    const { x, window, unpad } = padWindow(graph, input.tensor, {
      size: node.size,
      stride: node.stride,
      padding: node.padding,
      sides: context.sides === 'any-size' ? null : { input: input.node.shape[0], output: node.shape[0] },
      channels: node.shape[2],
    });
    const output = pool(graph, x, node.size, window);
    return {
      output,
      backward: (gradient) => [unpad(maxPoolGradient(graph, { x, y: output }, gradient, node.size, window))],
    };
  },

  forward({ tf }, node, inputs) {
    const [x] = takeInputs(node, inputs, ['one input']);
    const sides: [number, number] = [node.padding, node.padding];
    const padded = tf.pad(asTensor4D(x), [[0, 0], sides, sides, [0, 0]], Number.NEGATIVE_INFINITY);
    return tf.maxPool(padded, node.size, node.stride, 'valid');
  },
};
