import * as tf from '@tensorflow/tfjs';
import { needsGradient, PIXEL_NORMALIZATION, type Network, type NetworkNode } from '#resnet';
import type { Batch } from '#data-loading';
import type { PortableBackend } from './backend.js';
import { asTensor2D, asTensor4D } from './rank.js';
import { openGate } from './gate.js';
import { javascriptConvolution, nativeConvolution } from './convolution.js';

/** Tensors by state-dict name, in engine layout. */
export type TensorLookup = (name: string) => tf.Tensor;

/** What becomes of a batch normalisation: batch statistics (`observe` sees them), or running ones. Frozen: running ones. */
export type NormalizationMode =
  | { readonly kind: 'batch'; readonly observe: (name: string, mean: tf.Tensor, unbiasedVariance: tf.Tensor) => void }
  | { readonly kind: 'running' };

export interface ForwardOptions {
  readonly network: Network;
  readonly backend: PortableBackend;
  readonly tensors: TensorLookup;
  readonly mode: NormalizationMode;
}

/** Walks the network's nodes; returns logits_NK. The caller's scope owns every tensor. */
export function forward(images_NHWC: tf.Tensor4D, options: ForwardOptions): tf.Tensor2D {
  return asTensor2D(outputsOf(images_NHWC, options).at(-1));
}

/** The same, with what every node puts out. */
export function outputsOf(images_NHWC: tf.Tensor4D, options: ForwardOptions): readonly tf.Tensor[] {
  const outputs: tf.Tensor[] = [];
  const isNeeded = needsGradient(options.network);
  for (const node of options.network.nodes) {
    const inputs = node.inputs.map((index) => outputs[index] ?? fail(`node reads ${index}, which is not before it`));
    outputs.push(node.kind === 'input' ? images_NHWC : evaluateNode(node, inputs, { ...options, isNeeded }));
  }
  return outputs;
}

/** Normalised pixels of a batch; `images` is copied. */
export function imagesOf(batch: Batch, side: number): tf.Tensor4D {
  return normalizedPixels(batch.images, [batch.numSamples, side, side, 3]);
}

/** Normalised pixels [N,H,W,3]; bytes are copied. */
export function normalizedPixels(bytes: Uint8Array, shape: [number, number, number, number]): tf.Tensor4D {
  const pixels = tf.tensor4d(Float32Array.from(bytes), shape);
  const { mean, deviation } = PIXEL_NORMALIZATION;
  return tf.div(tf.sub(tf.div(pixels, 255), tf.tensor1d([...mean])), tf.tensor1d([...deviation]));
}

const fail = (message: string): never => {
  throw new Error(message);
};

function evaluateNode(
  node: Exclude<NetworkNode, { kind: 'input' }>,
  inputs: readonly tf.Tensor[],
  options: ForwardOptions & { readonly isNeeded: readonly boolean[] },
): tf.Tensor {
  const { tensors, isNeeded } = options;
  if (node.kind === 'gate') return openGate(node, inputs[0], tensors);
  const [x = fail('a node needs an input'), other = x] = inputs;
  switch (node.kind) {
    case 'convolution': {
      const convolve = options.backend === 'cpu' ? javascriptConvolution : nativeConvolution;
      const needsInputGradient = isNeeded[node.inputs[0] ?? 0] ?? true;
      const needsKernelGradient = node.isFrozen !== true;
      const { stride, padding } = node;
      const kernel = asTensor4D(tensors(`${node.name}.weight`));
      return convolve(asTensor4D(x), kernel, { stride, padding, needsInputGradient, needsKernelGradient });
    }
    case 'batch-normalization':
      return normalize(asTensor4D(x), node, options);
    case 'relu':
      return tf.relu(x);
    case 'max-pool': {
      const sides: [number, number] = [node.padding, node.padding];
      const padded = tf.pad(asTensor4D(x), [[0, 0], sides, sides, [0, 0]], Number.NEGATIVE_INFINITY);
      return tf.maxPool(padded, node.size, node.stride, 'valid');
    }
    case 'zero-pad-shortcut': {
      // An average over one pixel: strided slices have no gradient in TensorFlow.js.
      const strided = tf.avgPool(asTensor4D(x), 1, node.stride, 'valid');
      return tf.pad(strided, [
        [0, 0],
        [0, 0],
        [0, 0],
        [node.channelsBefore, node.channelsAfter],
      ]);
    }
    case 'add':
      return tf.add(x, other);
    case 'mix': {
      const gate = inputs[2] ?? fail('a mix node needs a gate');
      return tf.add(tf.mul(gate, x), tf.mul(tf.sub(1, gate), other));
    }
    case 'linear':
      return tf.matMul(x, tensors(`${node.name}.weight`));
    case 'global-average-pool':
      return tf.mean(x, [1, 2]);
    case 'dense':
      return tf.add(tf.matMul(x, tensors(`${node.name}.weight`)), tensors(`${node.name}.bias`));
    default:
      return node satisfies never;
  }
}

/** Ioffe & Szegedy 2015, algorithm 1, over rows of pixels: biased variance normalises, the unbiased one is reported. */
function normalize(
  x: tf.Tensor4D,
  node: Extract<NetworkNode, { kind: 'batch-normalization' }>,
  options: ForwardOptions,
): tf.Tensor {
  const { tensors, mode } = options;
  const { name, channels, epsilon } = node;
  const rows = tf.reshape(x, [-1, channels]);
  const numRows = rows.shape[0] ?? 0;
  let mean: tf.Tensor;
  let variance: tf.Tensor;
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
}
