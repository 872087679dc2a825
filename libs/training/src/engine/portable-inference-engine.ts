import * as tf from '@tensorflow/tfjs';
import type { Network, VectorLayout } from '#resnet';
import { checkPixels, checkVector } from './engine-input.js';
import type { InferenceEngine, PixelBatch, Weights } from './inference-engine.js';
import { checkBackend, runOn, type PortableBackend } from './portable/backend.js';
import { forward, normalizedPixels } from './portable/forward.js';
import { tensorLookup } from './portable/tensor-lookup.js';

/** Inference in TensorFlow.js operations: the oracle of the graph, and what runs where there is no TensorFlow library. */
export class PortableInferenceEngine implements InferenceEngine {
  readonly kind = 'portable';
  #weights: Weights | undefined;

  constructor(
    private readonly network: Network,
    readonly layout: VectorLayout,
    private readonly backend: PortableBackend = 'cpu',
  ) {
    checkBackend(backend);
  }

  logits(batch: PixelBatch): Float32Array<ArrayBuffer> {
    checkPixels(batch);
    const weights = this.#weights;
    if (weights === undefined) throw new Error('the engine has no weights: call writeWeights first');
    const { network, layout, backend } = this;
    return runOn(backend, () => {
      const images = normalizedPixels(batch.pixels, [batch.numImages, batch.height, batch.width, 3]);
      const tensors = tensorLookup(layout, weights);
      const logits: tf.Tensor2D = forward(images, { network, backend, tensors, mode: { kind: 'running' } });
      return Float32Array.from(logits.dataSync<'float32'>());
    });
  }

  writeWeights({ parameters, statistics }: Weights): void {
    checkVector('parameters', parameters.length, this.layout.numParameters);
    checkVector('statistics', statistics.length, this.layout.numStatistics);
    this.#weights = { parameters: parameters.slice(), statistics: statistics.slice() };
  }

  close(): void {
    this.#weights = undefined;
  }
}
