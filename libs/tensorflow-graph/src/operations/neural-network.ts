import { attribute, type AttributeMessage } from '../attribute.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';
import { multiply, negative, subtract, sum } from './arithmetic.js';
import { constant } from './constants.js';

/** How a window moves over height and width. `SAME` pads as TensorFlow does, which for stride 1 is symmetric. */
export interface Window {
  readonly stride: number;
  readonly padding: 'SAME' | 'VALID';
}

/** NHWC throughout: it is the layout oneDNN and cuDNN prefer, and TensorFlow's kernels need no transposes. */
const NHWC = attribute.string('NHWC');

function windowAttributes(x: Tensor, window: Window): Record<string, AttributeMessage> {
  return {
    T: attribute.type(x.dtype),
    strides: attribute.ints([1, window.stride, window.stride, 1]),
    padding: attribute.string(window.padding),
    data_format: NHWC,
  };
}

/** Convolution of x [N,H,W,C] with a kernel [height, width, C, K]. */
export function convolution(graph: GraphBuilder, x: Tensor, kernel: Tensor, window: Window): Tensor {
  return graph.tensor('Conv2D', x.dtype, { inputs: [x, kernel], attributes: windowAttributes(x, window) });
}

/** Gradient of `convolution` with respect to x; `shape` is the shape of x as an int32 vector. */
export function convolutionInputGradient(
  graph: GraphBuilder,
  shape: Tensor,
  kernel: Tensor,
  gradient: Tensor,
  window: Window,
): Tensor {
  return graph.tensor('Conv2DBackpropInput', gradient.dtype, {
    inputs: [shape, kernel, gradient],
    attributes: windowAttributes(gradient, window),
  });
}

/** Gradient of `convolution` with respect to the kernel; `shape` is the kernel's shape as an int32 vector. */
export function convolutionKernelGradient(
  graph: GraphBuilder,
  x: Tensor,
  shape: Tensor,
  gradient: Tensor,
  window: Window,
): Tensor {
  return graph.tensor('Conv2DBackpropFilter', x.dtype, {
    inputs: [x, shape, gradient],
    attributes: windowAttributes(x, window),
  });
}

/** What `batchNormalization` gives; the reserves are for its gradient alone. */
export interface BatchNormalization {
  readonly y: Tensor;
  readonly mean: Tensor;
  /** With Bessel's correction, n/(n-1), as PyTorch keeps it in running_var. */
  readonly variance: Tensor;
  readonly reserves: readonly [Tensor, Tensor, Tensor];
}

/** Batch normalisation over all axes of x [N,H,W,C] but the last; with `running` it uses those statistics instead. */
export function batchNormalization(
  graph: GraphBuilder,
  x: Tensor,
  parameters: { readonly gamma: Tensor; readonly beta: Tensor; readonly epsilon: number },
  running?: { readonly mean: Tensor; readonly variance: Tensor },
): BatchNormalization {
  const none = constant(graph, { dtype: 'float32', shape: [0], values: [] });
  const outputs = graph.operation('FusedBatchNormV3', {
    inputs: [x, parameters.gamma, parameters.beta, running?.mean ?? none, running?.variance ?? none],
    attributes: {
      T: attribute.type(x.dtype),
      U: attribute.type('float32'),
      epsilon: attribute.float(parameters.epsilon),
      exponential_avg_factor: attribute.float(1),
      data_format: NHWC,
      is_training: attribute.bool(running === undefined),
    },
    outputs: [x.dtype, 'float32', 'float32', 'float32', 'float32', 'float32'],
  });
  const [y, mean, variance, reserve1, reserve2, reserve3] = outputs;
  if (!y || !mean || !variance || !reserve1 || !reserve2 || !reserve3) throw new Error('six outputs were asked for');
  return { y, mean, variance, reserves: [reserve1, reserve2, reserve3] };
}

/** Gradients of training-mode `batchNormalization` with respect to x, gamma and beta. */
export function batchNormalizationGradient(
  graph: GraphBuilder,
  gradient: Tensor,
  x: Tensor,
  forward: { readonly gamma: Tensor; readonly epsilon: number; readonly reserves: readonly [Tensor, Tensor, Tensor] },
): { readonly x: Tensor; readonly gamma: Tensor; readonly beta: Tensor } {
  const outputs = graph.operation('FusedBatchNormGradV3', {
    inputs: [gradient, x, forward.gamma, ...forward.reserves],
    attributes: {
      T: attribute.type(x.dtype),
      U: attribute.type('float32'),
      epsilon: attribute.float(forward.epsilon),
      data_format: NHWC,
      is_training: attribute.bool(true),
    },
    outputs: [x.dtype, 'float32', 'float32', 'float32', 'float32'],
  });
  const [xGradient, gamma, beta] = outputs;
  if (!xGradient || !gamma || !beta) throw new Error('five outputs were asked for');
  return { x: xGradient, gamma, beta };
}

/** max(x, 0). */
export function relu(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('Relu', x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

/** Gradient of `relu`; `features` may be its input or its output, and the output lets the input's memory go sooner. */
export function reluGradient(graph: GraphBuilder, gradient: Tensor, features: Tensor): Tensor {
  return graph.tensor('ReluGrad', gradient.dtype, {
    inputs: [gradient, features],
    attributes: { T: attribute.type(gradient.dtype) },
  });
}

/** Largest value of each size x size window of x [N,H,W,C]. */
export function maxPool(graph: GraphBuilder, x: Tensor, size: number, window: Window): Tensor {
  return graph.tensor('MaxPool', x.dtype, {
    inputs: [x],
    attributes: { ...windowAttributes(x, window), ksize: attribute.ints([1, size, size, 1]) },
  });
}

/** Gradient of `maxPool` with input x and output y. */
export function maxPoolGradient(
  graph: GraphBuilder,
  forward: { readonly x: Tensor; readonly y: Tensor },
  gradient: Tensor,
  size: number,
  window: Window,
): Tensor {
  return graph.tensor('MaxPoolGrad', gradient.dtype, {
    inputs: [forward.x, forward.y, gradient],
    attributes: { ...windowAttributes(gradient, window), ksize: attribute.ints([1, size, size, 1]) },
  });
}

const ONE_PIXEL = attribute.ints([1, 1, 1, 1]);

/**
 * Every stride-th pixel of x [N,H,W,C], from the first one on: averages of one pixel each. oneDNN has a kernel for that;
 * TensorFlow's StridedSlice takes 20 times as long, which was 7 % of a step of ResNet-20.
 */
export function onePixelPool(graph: GraphBuilder, x: Tensor, stride: number): Tensor {
  return graph.tensor('AvgPool', x.dtype, {
    inputs: [x],
    attributes: { ...windowAttributes(x, { stride, padding: 'VALID' }), ksize: ONE_PIXEL },
  });
}

/** Gradient of `onePixelPool`; `shape` is the shape of x as an int32 vector. */
export function onePixelPoolGradient(graph: GraphBuilder, shape: Tensor, gradient: Tensor, stride: number): Tensor {
  return graph.tensor('AvgPoolGrad', gradient.dtype, {
    inputs: [shape, gradient],
    attributes: { ...windowAttributes(gradient, { stride, padding: 'VALID' }), ksize: ONE_PIXEL },
  });
}

/** x [N, K] or [N,H,W,K] plus a vector [K]. */
export function biasAdd(graph: GraphBuilder, x: Tensor, bias: Tensor): Tensor {
  return graph.tensor('BiasAdd', x.dtype, {
    inputs: [x, bias],
    attributes: { T: attribute.type(x.dtype), data_format: NHWC },
  });
}

/** Gradient of `biasAdd` with respect to the vector: the sum over all axes but the last. */
export function biasAddGradient(graph: GraphBuilder, gradient: Tensor): Tensor {
  return graph.tensor('BiasAddGrad', gradient.dtype, {
    inputs: [gradient],
    attributes: { T: attribute.type(gradient.dtype), data_format: NHWC },
  });
}

/** exp(x) over its sum in each row of x [N, K]. */
export function softmax(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('Softmax', x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

/** x minus the logarithm of the sum of exp(x) in each row of x [N, K]: the logarithm of `softmax`, finite where that is 0. */
export function logSoftmax(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('LogSoftmax', x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

/**
 * Cross-entropy of each row of logits [N, K] against shares of the classes [N, K], which add up to 1. TensorFlow has one
 * operation for this and one for labels; their GPU kernels refuse to run where the bits have to be the same each time
 * (`TF_DETERMINISTIC_OPS=1`), so it is made of operations that do not.
 */
export function crossEntropy(graph: GraphBuilder, logits: Tensor, shares: Tensor): Tensor {
  return negative(graph, sum(graph, multiply(graph, shares, logSoftmax(graph, logits)), [1]));
}

/** Gradient of `crossEntropy` with respect to the logits. */
export function crossEntropyGradient(graph: GraphBuilder, logits: Tensor, shares: Tensor): Tensor {
  return subtract(graph, softmax(graph, logits), shares);
}
