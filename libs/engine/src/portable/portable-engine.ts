import * as tf from '@tensorflow/tfjs';
import { NotFiniteError } from '#contracts';
import { updateParameters } from '../optimizers/portable-update.js';
import { copyOfState, type ReplicaState } from '../state.js';
import { statisticsMomentum } from '../statistics-momentum.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { type Network, type VectorLayout } from '#resnet';
import type {
  BatchTree,
  Engine,
  EvaluationCounts,
  StageSums,
  SumOptions,
  TrainedStep,
  UpdateHyperparameters,
} from '../engine.js';
import { scalarsOf, sumOnHost } from '../batch-tree.js';
import { digestNow } from '#vectors';
import type { Batch, Mixup } from '#data-loading';
import { sideOf } from '../batch-side.js';
import { checkBatch, checkGlobalBatch, checkMixup, checkState, checkVector } from '../engine-input.js';
import { checkBackend, runOn, type PortableBackend } from './backend.js';
import { countRanked } from '../rank-of-label.js';
import { asTensor4D } from './rank.js';
import { tensorLookup, tensorOf } from './tensor-lookup.js';
import type { NormalizationMode, TensorLookup } from './forward-context.js';
import { forward, imagesOf } from './forward.js';

/**
 * The network in TensorFlow.js operations with TensorFlow.js's automatic differentiation. It needs no TensorFlow library
 * and shares no gradient code with the graph engine, whose oracle it is. Slow: some 0.4 G multiply-adds a second on the
 * `cpu` backend. The state lives in host memory, so no tensor outlives a call.
 */
export class PortableEngine implements Engine {
  readonly kind = 'portable';
  readonly #config: StepConfig;
  readonly #backend: PortableBackend;
  #state: ReplicaState | undefined;

  /** Has no state until `writeState`. Throws RefusedInputError where the backend is not loaded. */
  readonly #network: Network;

  constructor(
    network: Network,
    readonly layout: VectorLayout,
    { config = DEFAULT_STEP_CONFIG, backend = 'cpu' }: { config?: StepConfig; backend?: PortableBackend } = {},
  ) {
    this.#network = network;

    checkBackend(backend);
    this.#config = config;
    this.#backend = backend;
  }

  gradients(sums: readonly BatchTree[], options: SumOptions): readonly Float32Array<ArrayBuffer>[] {
    return sums.map((tree) => this.#sum(tree, options));
  }

  *gradientStages(sums: readonly BatchTree[], options: SumOptions): Iterable<StageSums> {
    yield { parts: [{ lo: 0, hi: this.layout.vectorLength }], sums: this.gradients(sums, options) };
  }

  train(lanes: BatchTree, options: SumOptions, hyperparameters: UpdateHyperparameters): TrainedStep {
    const root = this.#sum(lanes, options);
    const gradientNorm = this.apply(root, hyperparameters);
    return { ...scalarsOf(root, this.layout), gradientNorm, digest: digestNow(root) };
  }

  #sum(tree: BatchTree, { globalBatch, numRounded }: SumOptions): Float32Array<ArrayBuffer> {
    const vectorOf = (batch: Batch | null): Float32Array<ArrayBuffer> =>
      batch ? this.#gradients(batch, globalBatch) : new Float32Array(this.layout.vectorLength);
    return sumOnHost(tree, vectorOf, numRounded);
  }

  #gradients(batch: Batch, globalBatch: number): Float32Array<ArrayBuffer> {
    checkBatch(this.#network, batch, this.#config);
    checkGlobalBatch(batch, globalBatch);
    checkMixup(batch, this.#config);
    const state = this.#stateOrThrow();
    const { scalars, numTrained, vectorLength } = this.layout;
    const trained = this.layout.parameters.filter((entry) => !entry.isFrozen);
    const vector = new Float32Array(vectorLength);
    return runOn(this.#backend, () => {
      const { mixup } = batch;
      const pixels = imagesOf(batch, sideOf(batch));
      const images = mixup ? asTensor4D(mixed(pixels, maskOf(mixup))) : pixels;
      const labels = this.#oneHot(batch);
      const shares = mixup ? mixed(labels, tf.scalar(mixup.share)) : labels;
      const targets = this.#smoothed(shares);
      const frozen = this.#frozenTensors(state);
      const mode = this.#observeInto(vector.subarray(numTrained), batch.numSamples / globalBatch);
      const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
        const byName = new Map(trained.map((entry, index) => [entry.name, tensors[index]]));
        const logits = this.#forward(images, (name) => byName.get(name) ?? frozen.get(name) ?? unknown(name), mode);
        vector[scalars.correct] = countCorrect(logits, shares);
        return tf.div(crossEntropy(logits, targets), globalBatch);
      };
      const { value, grads } = tf.valueAndGrads(loss)(trained.map((entry) => tensorOf(state.parameters, entry)));
      for (const [index, entry] of trained.entries()) {
        vector.set(grads[index]?.dataSync<'float32'>() ?? unknown(entry.name), entry.offset);
      }
      vector[scalars.loss] = value.dataSync<'float32'>()[0] ?? Number.NaN;
      vector[scalars.samples] = batch.numSamples;
      return vector;
    });
  }

  /** Throws NotFiniteError and changes nothing when the vector is not finite. */
  apply(reduced: Float32Array, hyperparameters: UpdateHyperparameters): number {
    checkVector('gradient vector', reduced.length, this.layout.vectorLength);
    const bad = reduced.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new NotFiniteError(
        `element ${bad} of the gradient vector is ${reduced[bad]}, not finite: nothing was applied`,
      );
    const state = this.#stateOrThrow();
    const { optimizer } = this.#config;
    const norm = updateParameters(state, reduced, { layout: this.layout, optimizer, hyperparameters });
    this.#moveStatistics(state.statistics, reduced);
    if (hyperparameters.averageDecay !== undefined) this.#takeIntoAverage(state, hyperparameters.averageDecay);
    return norm;
  }

  evaluate(batches: readonly Batch[]): readonly EvaluationCounts[] {
    return batches.map((batch) => this.#evaluate(batch));
  }

  #evaluate(batch: Batch): EvaluationCounts {
    checkBatch(this.#network, batch, this.#config);
    return runOn(this.#backend, (): EvaluationCounts => {
      const logits = this.#predict(batch);
      const labels = this.#oneHot(batch);
      const loss = crossEntropy(logits, labels).dataSync<'float32'>()[0] ?? Number.NaN;
      const scores = logits.dataSync<'float32'>();
      return [loss, countCorrect(logits, labels), batch.numSamples, countRanked(scores, batch.labels, 5)];
    });
  }

  predict(batch: Batch): Float32Array<ArrayBuffer> {
    checkBatch(this.#network, batch, this.#config);
    return runOn(this.#backend, () => Float32Array.from(this.#predict(batch).dataSync<'float32'>()));
  }

  readState(): ReplicaState {
    return copyOfState(this.#stateOrThrow());
  }

  writeState(state: ReplicaState): void {
    checkState(this.layout, this.#config, state);
    const { average = state, ...weights } = state;
    this.#state = copyOfState({ ...weights, ...(this.#config.averages && { average }) });
  }

  close(): void {
    this.#state = undefined;
  }

  #stateOrThrow(): ReplicaState {
    if (this.#state === undefined)
      throw new Error('the engine has no state: call writeState first, and nothing after close');
    return this.#state;
  }

  #moveStatistics(statistics: Float32Array, reduced: Float32Array): void {
    const { numTrained, numTrainedStatistics } = this.layout;
    const share = statisticsMomentum(this.#network);
    for (let index = 0; index < numTrainedStatistics; index += 1) {
      const running = statistics[index] ?? 0;
      statistics[index] = running + share * ((reduced[numTrained + index] ?? 0) - running);
    }
  }

  #takeIntoAverage({ average, parameters, statistics }: ReplicaState, decay: number): void {
    const { numTrained, numTrainedStatistics } = this.layout;
    if (!average) throw new Error('this engine keeps no average');
    moveTo(average.parameters.subarray(0, numTrained), parameters, decay);
    moveTo(average.statistics.subarray(0, numTrainedStatistics), statistics, decay);
  }

  #frozenTensors(state: ReplicaState): ReadonlyMap<string, tf.Tensor> {
    const { parameters, statistics } = this.layout;
    const isFrozen = (entry: { isFrozen: boolean }): boolean => entry.isFrozen;
    return new Map([
      ...parameters.filter(isFrozen).map((entry) => [entry.name, tensorOf(state.parameters, entry)] as const),
      ...statistics.filter(isFrozen).map((entry) => [entry.name, tensorOf(state.statistics, entry)] as const),
    ]);
  }

  #forward(images: tf.Tensor4D, tensors: TensorLookup, mode: NormalizationMode): tf.Tensor2D {
    return forward(images, { network: this.#network, backend: this.#backend, tensors, mode });
  }

  #predict(batch: Batch): tf.Tensor2D {
    const state = this.#stateOrThrow();
    const images = imagesOf(batch, sideOf(batch));
    return this.#forward(images, tensorLookup(this.layout, state.average ?? state), { kind: 'running' });
  }

  #observeInto(statistics: Float32Array, weight: number): NormalizationMode {
    const offsets = new Map(this.layout.statistics.map((entry) => [entry.name, entry.offset]));
    const store = (name: string, values: tf.Tensor): void => {
      const weighted = values.dataSync<'float32'>().map((value) => value * weight);
      statistics.set(weighted, offsets.get(name) ?? unknown(name));
    };
    return {
      kind: 'batch',
      observe: (name, mean, variance) => {
        store(`${name}.running_mean`, mean);
        store(`${name}.running_var`, variance);
      },
    };
  }

  #smoothed(shares: tf.Tensor): tf.Tensor {
    const { labelSmoothing } = this.#config;
    if (labelSmoothing === 0) return shares;
    return tf.add(tf.mul(shares, 1 - labelSmoothing), labelSmoothing / this.#network.numClasses);
  }

  #oneHot(batch: Batch): tf.Tensor {
    return tf.oneHot(tf.tensor1d(batch.labels, 'int32'), this.#network.numClasses);
  }
}

const unknown = (name: string): never => {
  throw new Error(`the layout is of another network: ${name}`);
};

const crossEntropy = (logits: tf.Tensor2D, labels: tf.Tensor): tf.Scalar =>
  tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), labels)));

/** Predictions that name the class with the largest share. */
function countCorrect(logits: tf.Tensor2D, shares: tf.Tensor): number {
  const labels = tf.argMax(shares, 1).dataSync<'int32'>();
  const predictions = tf.argMax(logits, 1).dataSync<'int32'>();
  return predictions.reduce((count, prediction, sample) => count + Number(prediction === labels[sample]), 0);
}

const maskOf = ({ mask, side }: Mixup): tf.Tensor => tf.tensor4d(mask, [1, side, side, 1]);

/** Each sample mixed with the one before it: its own part is `share` of it. */
function mixed(x: tf.Tensor, share: tf.Tensor): tf.Tensor {
  const last = (x.shape[0] ?? 1) - 1;
  const before = tf.concat([tf.slice(x, last, 1), tf.slice(x, 0, last)], 0);
  return tf.add(tf.mul(x, share), tf.mul(before, tf.sub(1, share)));
}

function moveTo(average: Float32Array, values: Float32Array, decay: number): void {
  for (let index = 0; index < average.length; index += 1) {
    average[index] = decay * (average[index] ?? 0) + (1 - decay) * (values[index] ?? 0);
  }
}
