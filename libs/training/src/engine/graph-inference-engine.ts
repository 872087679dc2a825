import { encodeInferenceGraph, type Network, type VectorLayout } from '#resnet';
import { Session, type Feed } from '#tensorflow-runtime';
import { checkPixels, checkVector } from './engine-input.js';
import type { InferenceEngine, PixelBatch, Weights } from './inference-engine.js';

/** Inference on TensorFlow. Weights are undefined until `writeWeights`. */
export class GraphInferenceEngine implements InferenceEngine {
  readonly kind = 'graph';
  readonly #session: Session;

  constructor(
    network: Network,
    readonly layout: VectorLayout,
  ) {
    this.#session = Session.fromBytes(encodeInferenceGraph(network, layout));
  }

  logits(batch: PixelBatch): Float32Array<ArrayBuffer> {
    checkPixels(batch);
    const { pixels, numImages, height, width } = batch;
    const { logits } = this.#session.run('predict', {
      images: { data: pixels, shape: [numImages, height, width, 3] },
    });
    if (!(logits?.data instanceof Float32Array)) throw new Error('the graph did not return float32 logits');
    return logits.data;
  }

  writeWeights({ parameters, statistics }: Weights): void {
    checkVector('parameters', parameters.length, this.layout.numParameters);
    checkVector('statistics', statistics.length, this.layout.numStatistics);
    this.#session.run('writeWeights', { parameters: bits(parameters), statistics: bits(statistics) });
  }

  close(): void {
    this.#session.close();
  }
}

function bits(vector: Float32Array): Feed {
  return { data: new Int32Array(vector.buffer, vector.byteOffset, vector.length), shape: [vector.length] };
}
