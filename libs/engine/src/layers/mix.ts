import { add, cast, multiply, reshape, subtract, sum } from '#tensorflow-graph';
import { takeInputs, type Layer } from './layer.js';

/** shortcut + gate * (branch - shortcut): one product, and only the difference is kept for the way back. */
export const mix: Layer<'mix'> = {
  emit({ graph, mode, sides }, node, inputs) {
    const [branch, shortcut, gate] = takeInputs(node, inputs, ['branch', 'shortcut', 'gate']);
    const opening = cast(graph, gate.tensor, branch.tensor.dtype);
    const difference = subtract(graph, branch.tensor, shortcut.tensor);
    const [height, width, channels] = gate.node.shape;
    if (mode === 'training' && sides === 'any-size' && height === 1 && node.shape[0] === 1) {
      throw new Error(
        'whether a gate of one pixel is repeated cannot be told of maps of one pixel: give larger images',
      );
    }
    // Of the gate's axes, those along which it is repeated; its images are dealt with by the gate itself.
    const isRepeated = height !== node.shape[0] || width !== node.shape[1];
    const axes = [...(isRepeated ? [1, 2] : []), ...(channels === node.shape[2] ? [] : [3])];
    return {
      output: add(graph, shortcut.tensor, multiply(graph, opening, difference)),
      backward: (gradient) => {
        const byBranch = multiply(graph, gradient, opening);
        // Summed over a whole map, in 16 bits most of it would be rounded off.
        const byGate = cast(graph, multiply(graph, gradient, difference), gate.tensor.dtype);
        return [
          byBranch,
          subtract(graph, gradient, byBranch),
          axes.length === 0 ? byGate : reshape(graph, sum(graph, byGate, axes), [-1, 1, 1, channels]),
        ];
      },
    };
  },

  forward({ tf }, node, inputs) {
    const [branch, shortcut, gate] = takeInputs(node, inputs, ['branch', 'shortcut', 'gate']);
    return tf.add(tf.mul(gate, branch), tf.mul(tf.sub(1, gate), shortcut));
  },
};
