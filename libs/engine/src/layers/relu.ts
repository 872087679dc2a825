import { relu as rectify, reluGradient } from '#tensorflow-graph';
import { takeInputs, type Layer } from './layer.js';

export const relu: Layer<'relu'> = {
  emit({ graph }, node, inputs) {
    const [input] = takeInputs(node, inputs, ['one input']);
    const output = rectify(graph, input.tensor);
    return { output, backward: (gradient) => [reluGradient(graph, gradient, output)] };
  },

  forward({ tf }, node, inputs) {
    return tf.relu(...takeInputs(node, inputs, ['one input']));
  },
};
