import type * as tf from '@tensorflow/tfjs';
import { classifierHead, type Network, type VectorLayout } from '#resnet';
import { checkPixels, checkVector } from '../engine-input.js';
import type { Explained, InferenceEngine, PixelBatch, Weights } from '../inference-engine.js';
import { checkBackend, runOn, type PortableBackend } from './backend.js';
import { normalizedPixels, outputsOf } from './forward.js';
import { asTensor2D, asTensor4D } from './rank.js';
import { tensorLookup } from './tensor-lookup.js';

/** Inference in TensorFlow.js operations: the oracle of the graph, and what runs where there is no TensorFlow library. */
export class PortableInferenceEngine implements InferenceEngine {
  readonly kind = 'portable';
  #weights: Weights | undefined;

  readonly #network: Network;
  readonly #backend: PortableBackend;

  constructor(
    network: Network,
    readonly layout: VectorLayout,
    backend: PortableBackend = 'cpu',
  ) {
    this.#network = network;
    this.#backend = backend;

    checkBackend(backend);
  }

  logits(batch: PixelBatch): Float32Array<ArrayBuffer> {
    checkPixels(batch);
    return runOn(this.#backend, () => valuesOf(asTensor2D(this.#outputs(batch).at(-1))));
  }

  explain(batch: PixelBatch): Explained {
    checkPixels(batch);
    let shape: Explained['shape'] = [0, 0, 0, 0];
    const [logits, features] = runOn(this.#backend, () => {
      const outputs = this.#outputs(batch);
      const last = asTensor4D(outputs[classifierHead(this.#network).features]);
      ({ shape } = last);
      return [valuesOf(asTensor2D(outputs.at(-1))), valuesOf(last)] as const;
    });
    return { logits, features, shape };
  }

  writeWeights({ parameters, statistics }: Weights): void {
    checkVector('parameters', parameters.length, this.layout.numParameters);
    checkVector('statistics', statistics.length, this.layout.numStatistics);
    this.#weights = { parameters: parameters.slice(), statistics: statistics.slice() };
  }

  close(): void {
    this.#weights = undefined;
  }

  /** Belong to the scope of the caller. */
  #outputs(batch: PixelBatch): readonly tf.Tensor[] {
    const weights = this.#weights;
    if (weights === undefined) throw new Error('the engine has no weights: call writeWeights first');
    const network = this.#network;
    const layout = this.layout;
    const backend = this.#backend;
    const images = normalizedPixels(batch.pixels, [batch.numImages, batch.height, batch.width, 3]);
    const tensors = tensorLookup(layout, weights);
    return outputsOf(images, { network, backend, tensors, mode: { kind: 'running' } });
  }
}

const valuesOf = (tensor: tf.Tensor): Float32Array<ArrayBuffer> => Float32Array.from(tensor.dataSync<'float32'>());
