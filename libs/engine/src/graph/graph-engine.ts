import { chosenOptimizer, NotFiniteError, RefusedInputError, type UpdateRule } from '#contracts';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { encodeReplicaGraph } from './step/replica-graph.js';
import { NOT_FINITE_MESSAGE } from './step/replica-update.js';
import { gradientStages, type GradientStage, type Network, type VectorLayout } from '#resnet';
import { sideOf } from '../batch-side.js';
import { checkLabels, checkMixup, checkState } from '../engine-input.js';
import { Session, TensorFlowError, type Feed, type Feeds, type Fetched, type Traffic } from '#tensorflow-runtime';
import type {
  BatchTree,
  Engine,
  EngineOptions,
  EvaluationCounts,
  StageSums,
  SumOptions,
  TrainedStep,
  UpdateHyperparameters,
} from '../engine.js';
import { digestOfSum, freeMemory, LentMemory } from '#vectors';
import { laneProgram, onlyFilling, type LaneInstruction } from './lane-program.js';
import { nameOf, type SumKind } from './step/lane-sums.js';
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
  readonly #numSlots: number;
  /** One or none: all is known at once. */
  readonly #stages: readonly GradientStage[];
  readonly #session: Session;
  /** What `gradients` gives away. */
  readonly #vectors: LentMemory;

  constructor(
    network: Network,
    layout: VectorLayout,
    config: StepConfig = DEFAULT_STEP_CONFIG,
    { lanesAtOnce = 1, devices = [], isStaged = false }: EngineOptions = {},
  ) {
    this.layout = layout;
    this.#network = network;
    this.#config = config;
    this.#rule = chosenOptimizer(config.optimizer).rule;
    this.#numSlots = lanesAtOnce;
    const blockBytes = layout.vectorLength * Float32Array.BYTES_PER_ELEMENT;
    this.#vectors = new LentMemory({ blockBytes, maxBlocks: MAX_VECTORS });
    // Of lanes on several devices the sums are whole when they are known.
    this.#stages = isStaged && devices.length < 2 ? gradientStages(network, layout) : [];
    const options = { numSlots: lanesAtOnce, devices, stages: this.#stages };
    this.#session = Session.fromBytes(encodeReplicaGraph(network, layout, config, options));
  }

  /** In lent memory: whoever uses a vector up frees it (`freeMemory`). */
  gradients(sums: readonly BatchTree[], options: SumOptions): readonly Float32Array<SharedArrayBuffer>[] {
    const vectors: Float32Array<SharedArrayBuffer>[] = [];
    this.#drive(sums, options, () => vectors.push(this.#fetchSum()));
    return vectors;
  }

  *gradientStages(sums: readonly BatchTree[], options: SumOptions): Iterable<StageSums> {
    const filling = this.#stages.length < 2 ? null : onlyFilling(laneProgram(sums, this.#numSlots));
    if (filling === null) {
      yield { parts: [{ lo: 0, hi: this.layout.vectorLength }], sums: this.gradients(sums, options) };
      return;
    }
    const { names, feeds } = this.#filling(filling, options);
    for (const [stage, { parts }] of this.#stages.entries()) {
      const run = this.#session.runPart(nameOf.stage(stage), names, stage === 0 ? feeds : {});
      yield { parts, sums: names.map((name) => floats(run[name])) };
    }
  }

  /** Piece by piece: what is fetched is memory that the garbage collector counts, and that the kernel has to clear. */
  #fetchSum(): Float32Array<SharedArrayBuffer> {
    const { buffer, byteOffset } = this.#vectors.take(this.layout.vectorLength * Float32Array.BYTES_PER_ELEMENT);
    const vector = new Float32Array(buffer, byteOffset, this.layout.vectorLength);
    this.#session.runEach('sum', (fetched, offset) => {
      const piece = floats(fetched);
      vector.set(piece, Number(offset));
      freeMemory(piece);
    });
    return vector;
  }

  train(lanes: BatchTree, options: SumOptions, hyperparameters: UpdateHyperparameters): TrainedStep {
    this.#drive([lanes], options, () => undefined);
    const { scalars, gradientNorm, digest } = this.#update('train', this.#numberFeeds(hyperparameters));
    this.#takeIntoAverage(hyperparameters);
    const [loss = Number.NaN, correct = Number.NaN, samples = Number.NaN] = floats(scalars);
    const [norm = Number.NaN] = floats(gradientNorm);
    return { loss, correct, samples, gradientNorm: norm, digest: digestOf(digest) };
  }

  /** Has the sum of each tree made, one after the other, and told of. */
  #drive(trees: readonly BatchTree[], options: SumOptions, onResult: () => void): void {
    const kind = this.#sumKind(options);
    for (const instruction of laneProgram(trees, this.#numSlots)) {
      if (instruction.kind === 'result') onResult();
      else if (instruction.kind === 'lanes') {
        const { names, feeds } = this.#filling(instruction, options);
        this.#session.runPart('lanes', names, feeds);
      } else {
        this.#session.run(foldName(instruction));
        if (kind === 'rounded' && instruction.kind === 'fold') this.#session.run('round');
      }
    }
  }

  /** What slots are fed, and the names of the sums of their ranges. */
  #filling(
    { batches, ranges }: Extract<LaneInstruction, { readonly kind: 'lanes' }>,
    options: SumOptions,
  ): { readonly names: readonly string[]; readonly feeds: Feeds } {
    const kind = this.#sumKind(options);
    const feeds = batches.map((batch) => ({ ...this.#batchFeeds(batch), ...this.#mixingFeeds(batch) }));
    return {
      names: ranges.map(({ from, size }) => nameOf.range(kind, from, size)),
      feeds: { ...slotFeeds(feeds), globalBatch: scalar(options.globalBatch) },
    };
  }

  #sumKind({ numRounded }: SumOptions): SumKind {
    const { numTrained } = this.layout;
    if (numRounded === 0) return 'exact';
    if (numRounded === numTrained) return 'rounded';
    throw new RefusedInputError(`a graph rounds all ${numTrained} gradients or none, ${numRounded} were asked for`);
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

  /** Runs a signature that changes the weights. TensorFlow tells of the graph's own check in words only. */
  #update(signature: 'apply' | 'train', feeds: Feeds): Readonly<Record<string, Fetched>> {
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
    const numRuns = Math.ceil(batches.length / this.#numSlots);
    return Array.from({ length: numRuns }, (_, run) =>
      this.#evaluate(batches.slice(run * this.#numSlots, (run + 1) * this.#numSlots)),
    ).flat();
  }

  #evaluate(batches: readonly Batch[]): readonly EvaluationCounts[] {
    const names = batches.map((_, slot) => `sums/${slot}`);
    const sums = this.#session.runPart('evaluate', names, slotFeeds(batches.map((batch) => this.#batchFeeds(batch))));
    return names.map((name) => {
      const [lossSum = Number.NaN, correct = Number.NaN, samples = Number.NaN, correctTop5 = Number.NaN] = floats(
        sums[name],
      );
      return [lossSum, correct, samples, correctTop5];
    });
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

  /** What was fed and fetched since the last call, by signature. */
  takeTraffic(): Readonly<Record<string, Traffic>> {
    return this.#session.traffic.take();
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

/**
 * Gradient vectors in use at once. A worker has four of each of its subtrees: what it computes, what it pushes, what it keeps of
 * the step before, and a root that is looked through.
 */
const MAX_VECTORS = 16;

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

/** Each slot's feeds under the names of its slot. */
function slotFeeds(slots: readonly Feeds[]): Feeds {
  return Object.fromEntries(
    slots.flatMap((feeds, slot) => Object.entries(feeds).map(([name, feed]) => [`${name}/${slot}`, feed] as const)),
  );
}

function foldName(instruction: Exclude<LaneInstruction, { readonly kind: 'lanes' | 'result' }>): string {
  switch (instruction.kind) {
    case 'take':
      return nameOf.take(instruction.from);
    case 'zeros':
      return 'zeros';
    case 'push':
      return nameOf.push(instruction.depth);
    case 'fold':
      return nameOf.fold(instruction.depth);
  }
}

/** Two halves of 64 bits, the lower one first. */
function digestOf(fetched: Fetched | undefined): string {
  if (!(fetched?.data instanceof Int32Array)) throw new Error('the graph did not return an int32 tensor');
  const [lower = 0, upper = 0] = fetched.data;
  return digestOfSum((BigInt(upper) << 32n) + BigInt(lower >>> 0));
}
