import { biasAdd, biasAddGradient, matrixMultiply } from '#tensorflow-graph';
import { onlyInput, type NodeEmitter } from './node-emitter.js';

/** [N, inFeatures] to [N, outFeatures]. */
export const emitDense: NodeEmitter<'dense'> = (context, node, inputs) => {
  const { graph } = context;
  const { tensor: x, needsGradient } = onlyInput(node, inputs);
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
};
