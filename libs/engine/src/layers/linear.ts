import { matrixMultiply } from '#tensorflow-graph';
import { takeInputs, type Layer } from './layer.js';

/** [N, inFeatures] to [N, outFeatures]. */
export const linear: Layer<'linear'> = {
  emit(context, node, inputs) {
    const { graph } = context;
    const [{ tensor: x, needsGradient }] = takeInputs(node, inputs, ['one input']);
    const kernelName = `${node.name}.weight`;
    const kernel = context.parameter(kernelName);
    return {
      output: matrixMultiply(graph, x, kernel),
      backward: (gradient) => {
        if (node.isFrozen !== true) {
          context.setGradient(kernelName, matrixMultiply(graph, x, gradient, { left: true }));
        }
        return [needsGradient ? matrixMultiply(graph, gradient, kernel, { right: true }) : undefined];
      },
    };
  },

  forward({ tf, tensors }, node, inputs) {
    const [x] = takeInputs(node, inputs, ['one input']);
    return tf.matMul(x, tensors(`${node.name}.weight`));
  },
};
