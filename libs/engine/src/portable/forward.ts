import * as tf from '@tensorflow/tfjs';
import { needsGradient, PIXEL_NORMALIZATION, type Network } from '#resnet';
import type { Batch } from '#data-loading';
import { layerOf } from '../layers/layers.js';
import type { PortableBackend } from './backend.js';
import { javascriptConvolution, nativeConvolution } from './convolution.js';
import type { ForwardContext, NormalizationMode, TensorLookup } from './forward-context.js';
import { asTensor2D } from './rank.js';

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
  const { network, backend, tensors, mode } = options;
  const convolve = backend === 'cpu' ? javascriptConvolution : nativeConvolution;
  const context: ForwardContext = { tf, tensors, mode, convolve, isNeeded: needsGradient(network) };
  const outputs: tf.Tensor[] = [];
  for (const node of network.nodes) {
    const inputs = node.inputs.map((index) => {
      const input = outputs[index];
      if (input === undefined) throw new Error(`node ${outputs.length} comes before its input ${index}`);
      return input;
    });
    outputs.push(node.kind === 'input' ? images_NHWC : layerOf(node).forward(context, node, inputs));
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
