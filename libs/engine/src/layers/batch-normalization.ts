import {
  add,
  batchNormalization as normalize,
  batchNormalizationGradient,
  cast,
  floatScalar,
  multiply,
  reciprocalRoot,
} from '#tensorflow-graph';
import type { PortableTensor } from '../portable/forward-context.js';
import { takeInputs, type Layer } from './layer.js';

export const batchNormalization: Layer<'batch-normalization'> = {
  emit(context, node, inputs) {
    const { graph } = context;
    const { name, epsilon } = node;
    const [{ tensor: x }] = takeInputs(node, inputs, ['one input']);
    const gamma = context.parameter(`${name}.weight`);
    const beta = context.parameter(`${name}.bias`);
    const meanName = `${name}.running_mean`;
    const varianceName = `${name}.running_var`;
    if (context.mode === 'inference' || node.isFrozen === true) {
      const running = { mean: context.statistic(meanName), variance: context.statistic(varianceName) };
      const { y } = normalize(graph, x, { gamma, beta, epsilon }, running);
      return {
        output: y,
        backward: (gradient) => {
          const deviation = add(graph, running.variance, floatScalar(graph, epsilon));
          const scale = multiply(graph, gamma, reciprocalRoot(graph, deviation));
          return [multiply(graph, gradient, cast(graph, scale, gradient.dtype))];
        },
      };
    }
    const forward = normalize(graph, x, { gamma, beta, epsilon });
    context.setBatchStatistic(meanName, forward.mean);
    context.setBatchStatistic(varianceName, forward.variance);
    return {
      output: forward.y,
      backward: (gradient) => {
        const gradients = batchNormalizationGradient(graph, gradient, x, {
          gamma,
          epsilon,
          reserves: forward.reserves,
        });
        context.setGradient(`${name}.weight`, gradients.gamma);
        context.setGradient(`${name}.bias`, gradients.beta);
        return [gradients.x];
      },
    };
  },

  /** Ioffe & Szegedy 2015, algorithm 1, over rows of pixels: biased variance normalises, the unbiased one is reported. */
  forward({ tf, tensors, mode }, node, inputs) {
    const [x] = takeInputs(node, inputs, ['one input']);
    const { name, channels, epsilon } = node;
    const rows = tf.reshape(x, [-1, channels]);
    const numRows = rows.shape[0] ?? 0;
    let mean: PortableTensor;
    let variance: PortableTensor;
    if (mode.kind === 'batch' && node.isFrozen !== true) {
      mean = tf.mean(rows, 0);
      variance = tf.mean(tf.square(tf.sub(rows, mean)), 0);
      // A single value has no unbiased variance; like TensorFlow, it counts as biased then.
      mode.observe(name, mean, tf.mul(variance, numRows / Math.max(numRows - 1, 1)));
    } else {
      mean = tensors(`${name}.running_mean`);
      variance = tensors(`${name}.running_var`);
    }
    const scale = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), tensors(`${name}.weight`));
    return tf.reshape(tf.add(tf.mul(tf.sub(rows, mean), scale), tensors(`${name}.bias`)), x.shape);
  },
};
