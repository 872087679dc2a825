import type { Precision } from '#contracts';
import { encodeInferenceGraph } from './step/inference-graph.js';
import { type Network, type VectorLayout } from '#resnet';
import { Session, type Feed, type Fetched } from '#tensorflow-runtime';
import { checkPixels, checkVector } from '../engine-input.js';
import type { Explained, InferenceEngine, PixelBatch, Weights } from '../inference-engine.js';

/** Inference on TensorFlow. Weights are undefined until `writeWeights`. */
export class GraphInferenceEngine implements InferenceEngine {
  readonly kind = 'graph';
  readonly #session: Session;

  constructor(
    network: Network,
    readonly layout: VectorLayout,
    precision: Precision = 'fp32',
  ) {
    this.#session = Session.fromBytes(encodeInferenceGraph(network, layout, precision));
  }

  logits(batch: PixelBatch): Float32Array<ArrayBuffer> {
    return floats(this.#run('predict', batch)['logits']);
  }

  explain(batch: PixelBatch): Explained {
    const { logits, features } = this.#run('explain', batch);
    const [numImages = 0, height = 0, width = 0, channels = 0] = features?.shape ?? [];
    return { logits: floats(logits), features: floats(features), shape: [numImages, height, width, channels] };
  }

  writeWeights({ parameters, statistics }: Weights): void {
    checkVector('parameters', parameters.length, this.layout.numParameters);
    checkVector('statistics', statistics.length, this.layout.numStatistics);
    this.#session.run('writeWeights', { parameters: bits(parameters), statistics: bits(statistics) });
  }

  close(): void {
    this.#session.close();
  }

  #run(signature: 'predict' | 'explain', batch: PixelBatch): ReturnType<Session['run']> {
    checkPixels(batch);
    const { pixels, numImages, height, width } = batch;
    return this.#session.run(signature, { images: { data: pixels, shape: [numImages, height, width, 3] } });
  }
}

function bits(vector: Float32Array): Feed {
  return { data: new Int32Array(vector.buffer, vector.byteOffset, vector.length), shape: [vector.length] };
}

function floats(fetched: Fetched | undefined): Float32Array<ArrayBuffer> {
  if (!(fetched?.data instanceof Float32Array)) throw new Error('the graph did not return float32 values');
  return fetched.data;
}
