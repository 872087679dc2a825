import { chosenOptimizer, NotFiniteError, type UpdateRule } from '#contracts';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { encodeReplicaGraph } from './step/replica-graph.js';
import { NOT_FINITE_MESSAGE } from './step/replica-update.js';
import { type Network, type VectorLayout } from '#resnet';
import { sideOf } from '../batch-side.js';
import { checkLabels, checkMixup, checkState } from '../engine-input.js';
import { Session, TensorFlowError, type Feed, type Feeds, type Fetched } from '#tensorflow-runtime';
import type { BatchTree, Engine, EvaluationCounts, SumOptions, TrainedStep, UpdateHyperparameters } from '../engine.js';
import { scalarsOf, sumOnHost } from '../batch-tree.js';
import { digestNow } from '#vectors';
import { mapValues } from '../named.js';
import { byName, fromNames, type ReplicaState } from '../state.js';
import type { Batch, Mixup } from '#data-loading';

/**
 * Engine on TensorFlow: forward, backward and update are one graph, the state stays in the session on the device.
 *
 * Weights are undefined until `writeState`. Fed arrays are read in place; each result is one copy. Set the number of
 * threads (`configureThreads`) before the first engine of the process is made.
 */
export class GraphEngine implements Engine {
  readonly kind = 'graph';
  readonly layout: VectorLayout;
  readonly #network: Network;
  readonly #config: StepConfig;
  readonly #rule: UpdateRule;
  readonly #session: Session;

  constructor(network: Network, layout: VectorLayout, config: StepConfig = DEFAULT_STEP_CONFIG) {
    this.layout = layout;
    this.#network = network;
    this.#config = config;
    this.#rule = chosenOptimizer(config.optimizer).rule;
    this.#session = Session.fromBytes(encodeReplicaGraph(network, layout, config));
  }

  gradients(sums: readonly BatchTree[], options: SumOptions): readonly Float32Array<ArrayBuffer>[] {
    return sums.map((tree) => this.#sum(tree, options));
  }

  #sum(tree: BatchTree, { globalBatch, numRounded }: SumOptions): Float32Array<ArrayBuffer> {
    const vectorOf = (batch: Batch | null): Float32Array<ArrayBuffer> => {
      if (!batch) return new Float32Array(this.layout.vectorLength);
      const feeds = { ...this.#batchFeeds(batch), ...this.#mixingFeeds(batch), globalBatch: scalar(globalBatch) };
      return floats(this.#session.run('gradients', feeds)['vector']);
    };
    return sumOnHost(tree, vectorOf, numRounded);
  }

  /** Like `gradients`, of images that are normalised already ([N,S,S,3] float32): for comparison with PyTorch. */
  gradientsOfNormalized(images: Float32Array, labels: Int32Array, globalBatch: number): Float32Array<ArrayBuffer> {
    checkLabels(this.#network, labels);
    const feeds = {
      images: { data: images, shape: this.#imagesShape(images, labels.length) },
      labels: { data: labels, shape: [labels.length] },
      ...this.#mixingFeeds({}),
      globalBatch: scalar(globalBatch),
    };
    return floats(this.#session.run('gradientsOfNormalized', feeds)['vector']);
  }

  /** Throws NotFiniteError and changes nothing when the vector is not finite. */
  apply(reduced: Float32Array, hyperparameters: UpdateHyperparameters): number {
    const feeds = { vector: bits(reduced), ...this.#numberFeeds(hyperparameters) };
    const [norm = Number.NaN] = floats(this.#update('apply', feeds)['gradientNorm']);
    this.#takeIntoAverage(hyperparameters);
    return norm;
  }

  train(lanes: BatchTree, options: SumOptions, hyperparameters: UpdateHyperparameters): TrainedStep {
    const root = this.#sum(lanes, options);
    const gradientNorm = this.apply(root, hyperparameters);
    return { ...scalarsOf(root, this.layout), gradientNorm, digest: digestNow(root) };
  }

  /** Runs a signature that changes the weights. TensorFlow tells of the graph's own check in words only. */
  #update(signature: 'apply', feeds: Feeds): Readonly<Record<string, Fetched>> {
    try {
      return this.#session.run(signature, feeds);
    } catch (error) {
      const isOfCheck = error instanceof TensorFlowError && error.message.includes(NOT_FINITE_MESSAGE);
      throw isOfCheck ? new NotFiniteError(NOT_FINITE_MESSAGE, { cause: error }) : error;
    }
  }

  #takeIntoAverage({ averageDecay }: UpdateHyperparameters): void {
    if (averageDecay !== undefined) this.#session.run('average', { averageDecay: scalar(averageDecay) });
  }

  evaluate(batches: readonly Batch[]): readonly EvaluationCounts[] {
    return batches.map((batch) => this.#evaluate(batch));
  }

  #evaluate(batch: Batch): EvaluationCounts {
    const sums = floats(this.#session.run('evaluate', this.#batchFeeds(batch))['sums']);
    const [lossSum = Number.NaN, correct = Number.NaN, samples = Number.NaN, correctTop5 = Number.NaN] = sums;
    return [lossSum, correct, samples, correctTop5];
  }

  predict(batch: Batch): Float32Array<ArrayBuffer> {
    const { images } = this.#batchFeeds(batch);
    return floats(this.#session.run('predict', { images })['logits']);
  }

  /** Like `predict`, of images that are normalised already. */
  predictNormalized(images: Float32Array, numSamples: number): Float32Array<ArrayBuffer> {
    const feeds = { images: { data: images, shape: this.#imagesShape(images, numSamples) } };
    return floats(this.#session.run('predictNormalized', feeds)['logits']);
  }

  readState(): ReplicaState {
    return fromNames(mapValues(this.#session.run('readState'), floats));
  }

  writeState(state: ReplicaState): void {
    checkState(this.layout, this.#config, state);
    const { average = state, ...weights } = state;
    this.#session.run('writeState', mapValues(byName({ ...weights, ...(this.#config.averages && { average }) }), bits));
  }

  close(): void {
    this.#session.close();
  }

  #numberFeeds(hyperparameters: UpdateHyperparameters): Feeds {
    return mapValues(this.#rule.scalars(hyperparameters), scalar);
  }

  #imagesShape(images: Uint8Array | Float32Array, numSamples: number): readonly number[] {
    const side = this.#config.anySize ? sideOf({ images, numSamples }) : this.#network.imageSize;
    return [numSamples, side, side, 3];
  }

  #mixingFeeds(batch: Pick<Batch, 'mixup'>): Feeds {
    checkMixup(batch, this.#config);
    if (!this.#config.mixes) return {};
    const { mask, side, share } = batch.mixup ?? UNMIXED;
    return { mask: { data: mask, shape: [1, side, side, 1] }, share: scalar(share) };
  }

  /** The session checks the shapes. */
  #batchFeeds({ images, labels, numSamples }: Batch): { readonly images: Feed; readonly labels: Feed } {
    checkLabels(this.#network, labels);
    return {
      images: { data: images, shape: this.#imagesShape(images, numSamples) },
      labels: { data: labels, shape: [numSamples] },
    };
  }
}

/** Every pixel and label is a sample's own. */
const UNMIXED: Mixup = { mask: Float32Array.of(1), side: 1, share: 1 };

function scalar(value: number): Feed {
  return { data: Float32Array.of(value), shape: [] };
}

/** The memory of float32 read as int32: on a GPU the binding would carry a float32 vector to the device and back. */
function bits(vector: Float32Array): Feed {
  return { data: new Int32Array(vector.buffer, vector.byteOffset, vector.length), shape: [vector.length] };
}

function floats(fetched: Fetched | undefined): Float32Array<ArrayBuffer> {
  if (!(fetched?.data instanceof Float32Array)) throw new Error('the graph did not return a float32 tensor');
  return fetched.data;
}
