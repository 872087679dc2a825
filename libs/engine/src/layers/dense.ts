import { biasAdd, biasAddGradient, matrixMultiply } from '#tensorflow-graph';
import { takeInputs, type Layer } from './layer.js';

/** [N, inFeatures] to [N, outFeatures]. */
export const dense: Layer<'dense'> = {
  emit(context, node, inputs) {
    const { graph } = context;
    const [{ tensor: x, needsGradient }] = takeInputs(node, inputs, ['one input']);
    const kernel = context.parameter(`${node.name}.weight`);
    const bias = context.parameter(`${node.name}.bias`);
    return {
      output: biasAdd(graph, matrixMultiply(graph, x, kernel), bias),
      backward: (gradient) => {
        if (node.isFrozen !== true) {
          context.setGradient(`${node.name}.weight`, matrixMultiply(graph, x, gradient, { left: true }));
          context.setGradient(`${node.name}.bias`, biasAddGradient(graph, gradient));
        }
        return [needsGradient ? matrixMultiply(graph, gradient, kernel, { right: true }) : undefined];
      },
    };
  },

  forward({ tf, tensors }, node, inputs) {
    const [x] = takeInputs(node, inputs, ['one input']);
    return tf.add(tf.matMul(x, tensors(`${node.name}.weight`)), tensors(`${node.name}.bias`));
  },
};
