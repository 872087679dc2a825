import type { VectorLayout } from '#resnet';
import {
  byName,
  copyOfState,
  type AppliedUpdate,
  type BatchTree,
  type EvaluationCounts,
  type ReplicaState,
  type SumOptions,
  type TellPart,
  type UpdateHyperparameters,
} from '#engine';
import { addVectors, digestNow, roundToBfloat16 } from '#vectors';
import type { Batch } from '#data-loading';
import type { EnginePort } from '#training';
import { digestOf } from './digest.js';

export interface SimulatedEngineOptions {
  readonly layout: VectorLayout;
  /** Milliseconds of an answer. */
  readonly waitMs: (what: 'gradients' | 'evaluate' | 'apply' | 'state') => number;
  /** A root was applied to a state: their digests before, and that of the state after. */
  readonly onApplied: (root: number, before: number, after: number) => void;
}

/** Magnitudes that lie so far apart that any other order of addition gives other bits. */
const SCALES = Float32Array.from({ length: 13 }, (_, index) => 2 ** (index * 3 - 24));

/**
 * An engine without a network: gradients are numbers of very different size, a function of samples and weights, so the
 * state depends on every bit of every root applied to it, in order. Answers in order, each after a while.
 */
export class SimulatedEngine implements EnginePort {
  readonly trains = true;
  readonly #options: SimulatedEngineOptions;
  #state: ReplicaState;
  #last: Promise<unknown> = Promise.resolve();
  /** Of the state as it is; null where it has to be computed. */
  #digest: number | null = null;

  constructor(options: SimulatedEngineOptions) {
    this.#options = options;
    this.#state = initialSimulatedState(options.layout, 0);
  }

  async gradients(trees: readonly BatchTree[], options: SumOptions): ReturnType<EnginePort['gradients']> {
    const numLanes = trees.reduce((sum, tree) => sum + numLeaves(tree), 0);
    return await this.#inTurn('gradients', () => trees.map((tree) => this.#sum(tree, options)), numLanes);
  }

  /** In three parts that are told in the order in which a backward pass makes them, after a third of the time each. */
  async gradientStages(trees: readonly BatchTree[], options: SumOptions, told: TellPart): Promise<void> {
    const numLanes = trees.reduce((sum, tree) => sum + numLeaves(tree), 0);
    const sums = this.#inTurn('gradients', () => trees.map((tree) => this.#sum(tree, options)), numLanes / 3);
    const { vectorLength } = this.#options.layout;
    const borders = [vectorLength, Math.ceil(vectorLength / 2), Math.ceil(vectorLength / 8), 0];
    const stages = borders.slice(1).map(async (lo, stage) => {
      const vectors = stage === 0 ? await sums : await this.#inTurn('gradients', () => sums, numLanes / 3);
      for (const [tree, vector] of vectors.entries()) told(tree, lo, vector.subarray(lo, borders[stage]));
    });
    await Promise.all(stages);
  }

  async train(tree: BatchTree, options: SumOptions, update: UpdateHyperparameters): ReturnType<EnginePort['train']> {
    return await this.#inTurn(
      'gradients',
      () => {
        const root = this.#sum(tree, options);
        const { loss, correct, samples } = this.#options.layout.scalars;
        const sums = { loss: root[loss] ?? 0, correct: root[correct] ?? 0, samples: root[samples] ?? 0 };
        const { gradientNorm } = this.#apply(root, update);
        return { ...sums, gradientNorm, digest: digestNow(root) };
      },
      numLeaves(tree),
    );
  }

  async evaluate(batches: readonly Batch[]): ReturnType<EnginePort['evaluate']> {
    const counts = (batch: Batch): EvaluationCounts => {
      const vector = this.#gradients(batch, 1);
      const loss = vector[this.#options.layout.scalars.loss] ?? 0;
      return [Math.abs(loss), batch.numSamples - 1, batch.numSamples, batch.numSamples];
    };
    return await this.#inTurn('evaluate', () => batches.map(counts), batches.length);
  }

  async apply(reduced: Float32Array<ArrayBuffer>, update: UpdateHyperparameters): ReturnType<EnginePort['apply']> {
    return await this.#inTurn('apply', () => this.#apply(reduced, update));
  }

  async readState(): Promise<ReplicaState> {
    return await this.#inTurn('state', () => copyOfState(this.#state));
  }

  async writeState(state: ReplicaState): Promise<void> {
    await this.#inTurn('state', () => {
      this.#state = copyOfState(state);
      this.#digest = null;
    });
  }

  /** `numTimes`: it takes that many waits. */
  async #inTurn<Answer>(
    what: 'gradients' | 'evaluate' | 'apply' | 'state',
    answer: () => Answer | Promise<Answer>,
    numTimes = 1,
  ): Promise<Answer> {
    const turn = this.#last.then(async () => {
      let waitMs = 0;
      for (let time = 0; time < numTimes; time += 1) waitMs += this.#options.waitMs(what);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      return await answer();
    });
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  #apply(reduced: Float32Array<ArrayBuffer>, update: UpdateHyperparameters): AppliedUpdate {
    const before = this.#digest ?? stateDigest(this.#state);
    const { parameters, statistics, slots } = this.#state;
    const momentum = slots['momentum'] ?? new Float32Array();
    for (let index = 0; index < parameters.length; index += 1) {
      momentum[index] = Math.fround((momentum[index] ?? 0) * 0.5) + (reduced[index] ?? 0);
      parameters[index] = (parameters[index] ?? 0) * 0.75 - update.learningRate * (momentum[index] ?? 0);
    }
    statistics[0] = (statistics[0] ?? 0) + 1;
    this.#digest = stateDigest(this.#state);
    this.#options.onApplied(digestOf(reduced), before, this.#digest);
    return { vector: reduced, gradientNorm: 1 };
  }

  /** As on a wire of 16 bits every lane's vector and every sum is rounded. */
  #sum(tree: BatchTree, { globalBatch, numRounded }: SumOptions): Float32Array<ArrayBuffer> {
    if (tree === null) return new Float32Array(this.#options.layout.vectorLength);
    if ('images' in tree) {
      const vector = this.#gradients(tree, globalBatch);
      roundToBfloat16(vector.subarray(0, numRounded));
      return vector;
    }
    const [left, right] = [
      this.#sum(tree[0], { globalBatch, numRounded }),
      this.#sum(tree[1], { globalBatch, numRounded }),
    ];
    addVectors(left, right, numRounded);
    return left;
  }

  #gradients({ images, labels, numSamples }: Batch, globalBatch: number): Float32Array<ArrayBuffer> {
    const { layout } = this.#options;
    const { parameters } = this.#state;
    const samples = new Uint32Array(images.buffer, images.byteOffset, numSamples);
    const vector = new Float32Array(layout.vectorLength);
    const numGradients = layout.numParameters + layout.numStatistics;
    for (const [row, sample] of samples.entries()) {
      let noise = Math.imul(sample + 1, 0x9e3779b1) ^ Math.imul((labels[row] ?? 0) + 1, 0x85ebca6b);
      for (let index = 0; index < numGradients; index += 1) {
        noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) | 0;
        const scale = SCALES[(noise >>> 7) % SCALES.length] ?? 1;
        vector[index] =
          (vector[index] ?? 0) + ((noise / 2 ** 31) * scale + (parameters[index] ?? 0) / 64) / globalBatch;
      }
      vector[layout.scalars.loss] = (vector[layout.scalars.loss] ?? 0) + Math.abs(noise / 2 ** 31) / globalBatch;
    }
    vector[layout.scalars.correct] = numSamples - 1;
    vector[layout.scalars.samples] = numSamples;
    return vector;
  }
}

function numLeaves(tree: BatchTree): number {
  return tree === null || 'images' in tree ? 1 : numLeaves(tree[0]) + numLeaves(tree[1]);
}

/** The state before the first step. */
export function initialSimulatedState(layout: VectorLayout, seed: number): ReplicaState {
  return {
    parameters: Float32Array.from({ length: layout.numParameters }, (_, index) => ((index * 7 + seed) % 11) / 11),
    statistics: new Float32Array(layout.numStatistics),
    slots: { momentum: new Float32Array(layout.numTrained) },
  };
}

export function stateDigest(state: ReplicaState): number {
  return Object.values(byName(state)).reduce((digest, vector) => (Math.imul(digest, 31) ^ digestOf(vector)) >>> 0, 0);
}
