import { add as addTensors } from '#tensorflow-graph';
import { takeInputs, type Layer } from './layer.js';

export const add: Layer<'add'> = {
  emit({ graph }, node, inputs) {
    const [left, right] = takeInputs(node, inputs, ['branch', 'shortcut']);
    return { output: addTensors(graph, left.tensor, right.tensor), backward: (gradient) => [gradient, gradient] };
  },

  forward({ tf }, node, inputs) {
    return tf.add(...takeInputs(node, inputs, ['branch', 'shortcut']));
  },
};
