import { matrixMultiply } from '#tensorflow-graph';
import { onlyInput, type NodeEmitter } from './node-emitter.js';

/** [N, inFeatures] to [N, outFeatures]. */
export const emitLinear: NodeEmitter<'linear'> = (context, node, inputs) => {
  const { graph } = context;
  const { tensor: x, needsGradient } = onlyInput(node, inputs);
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
};
