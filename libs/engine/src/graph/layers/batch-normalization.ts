import {
  add,
  batchNormalization,
  batchNormalizationGradient,
  floatScalar,
  multiply,
  reciprocalRoot,
} from '#tensorflow-graph';
import { onlyInput, type NodeEmitter } from './node-emitter.js';

export const emitBatchNormalization: NodeEmitter<'batch-normalization'> = (context, node, inputs) => {
  const { graph } = context;
  const { name, epsilon } = node;
  const x = onlyInput(node, inputs).tensor;
  const gamma = context.parameter(`${name}.weight`);
  const beta = context.parameter(`${name}.bias`);
  const meanName = `${name}.running_mean`;
  const varianceName = `${name}.running_var`;
  if (context.mode === 'inference' || node.isFrozen === true) {
    const running = { mean: context.statistic(meanName), variance: context.statistic(varianceName) };
    const { y } = batchNormalization(graph, x, { gamma, beta, epsilon }, running);
    return {
      output: y,
      backward: (gradient) => {
        const deviation = add(graph, running.variance, floatScalar(graph, epsilon));
        return [multiply(graph, gradient, multiply(graph, gamma, reciprocalRoot(graph, deviation)))];
      },
    };
  }
  const forward = batchNormalization(graph, x, { gamma, beta, epsilon });
  context.setBatchStatistic(meanName, forward.mean);
  context.setBatchStatistic(varianceName, forward.variance);
  return {
    output: forward.y,
    backward: (gradient) => {
      const gradients = batchNormalizationGradient(graph, gradient, x, { gamma, epsilon, reserves: forward.reserves });
      context.setGradient(`${name}.weight`, gradients.gamma);
      context.setGradient(`${name}.bias`, gradients.beta);
      return [gradients.x];
    },
  };
};
