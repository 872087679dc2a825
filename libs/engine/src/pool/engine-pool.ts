import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { gradientStages, layoutOf, type Network } from '#resnet';
import { freeMemory } from '#vectors';
import type { BatchTree, EvaluationCounts, StageSums, TrainedStep, UpdateHyperparameters } from '../engine.js';
import type { ReplicaState } from '../state.js';
import type { Batch } from '#data-loading';
import { leavesOf, sumOnHost } from '../batch-tree.js';
import { sideOf } from '../batch-side.js';
import { RequestThread, type HangGuard } from '#threads';
import { movable } from './movable.js';
import type {
  AppliedUpdate,
  EngineAnswers,
  EngineRequest,
  EngineThreadData,
  LaneSumOptions,
} from './engine-messages.js';

export interface EnginePoolOptions {
  readonly network: Network;
  readonly engine: 'graph' | 'portable';
  /** Lanes computed at once: on a CPU one per core, each with one thread. */
  readonly lanesAtOnce: number;
  /** Devices that share the lanes, as for an `Engine`. Default: one that TensorFlow chooses. */
  readonly devices?: readonly string[];
  /** Sums are to be had stage by stage of the backward pass. Default false. */
  readonly isStaged?: boolean;
  /** How the engine judges and updates. Default: as a run that asks for nothing. */
  readonly config?: StepConfig;
  /** What happens when an engine hangs. Default: what was asked of it rejects. */
  readonly guard?: HangGuard;
  /** Compiled entry of an engine thread. Default: the one beside this file. */
  readonly threadUrl?: URL;
}

/** Elements of a tree's sum, from `lo` on. */
export type TellPart = (tree: number, lo: number, values: Float32Array) => void;

type EngineThread = RequestThread<EngineRequest, EngineAnswers>;

/**
 * The replica of a worker, in threads of its own. The graph engine is one thread, whose graph computes lanes side by side.
 * The portable engine computes on one core, so there is one for each lane at once, all with the same weights.
 */
export class EnginePool {
  /** All lanes of a step may be computed, added up and applied in one request. */
  readonly trains: boolean;
  readonly #engines: readonly EngineThread[];
  readonly #numStages: number;
  /** Copies that the engines have given back. */
  #spare: Float32Array[] = [];

  constructor(options: EnginePoolOptions) {
    const { network, engine, config = DEFAULT_STEP_CONFIG, devices = [], isStaged = false, guard } = options;
    const url = options.threadUrl ?? new URL('./engine-thread.js', import.meta.url);
    const isOne = engine === 'graph';
    const lanesAtOnce = isOne ? options.lanesAtOnce : 1;
    const data: EngineThreadData = { network, engine, config, lanesAtOnce, devices, isStaged };
    this.#engines = Array.from(
      { length: isOne ? 1 : options.lanesAtOnce },
      () => new RequestThread<EngineRequest, EngineAnswers>({ url, name: 'engine', data, guard }),
    );
    this.trains = this.#engines.length === 1;
    this.#numStages = isOne && isStaged ? gradientStages(network, layoutOf(network)).length : 1;
  }

  async ready(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.ready()));
  }

  /** The sum of the gradient vectors of each tree's lanes. Takes the batches' buffers. */
  async gradients(trees: readonly BatchTree[], options: LaneSumOptions): Promise<readonly Float32Array[]> {
    if (this.trains) return await this.#gradients(trees, options);
    const { lanes, numRounded } = options;
    const vectors = await Promise.all(
      trees
        .flatMap(leavesOf)
        .map((leaf, index) => this.#gradients([leaf], { ...options, lanes: lanes.slice(index, index + 1) })),
    );
    const leaves = vectors.flat().values();
    return trees.map((tree) => sumOnHost(tree, () => leaves.next().value ?? new Float32Array(), numRounded));
  }

  /**
   * The same sums, told part by part as they become known, from the element `lo` on; `values` is lent for the call. Takes the
   * batches' buffers.
   */
  async gradientStages(trees: readonly BatchTree[], options: LaneSumOptions, told: TellPart): Promise<void> {
    if (this.#numStages < 2) {
      const sums = await this.gradients(trees, options);
      return tell({ parts: [{ lo: 0, hi: sums[0]?.length ?? 0 }], sums }, told);
    }
    const batches = present(trees.flatMap(leavesOf));
    const shapes = shapesOf(batches);
    const engine = this.#first();
    const first = engine.request(
      { kind: 'first-stage', trees, options },
      { transfer: batches.flatMap(buffersOf), what: `first gradients of ${shapes}` },
    );
    // All at once, so that the engine is never without work; behind the last stage it lets go of the batches.
    const others = Array.from({ length: this.#numStages }, (_, index) =>
      engine.request({ kind: 'next-stage' }, { what: `gradients ${index + 2} of ${shapes}` }),
    );
    const takeIn = async (answer: Promise<{ readonly value: StageSums | null }>): Promise<void> => {
      const { value } = await answer;
      if (value) tell(value, told);
    };
    await Promise.all([first, ...others].map(takeIn));
  }

  /** Where it `trains`. Takes the batches' buffers. */
  async train(tree: BatchTree, options: LaneSumOptions, hyperparameters: UpdateHyperparameters): Promise<TrainedStep> {
    const batches = present(leavesOf(tree));
    const what = `train ${shapesOf(batches)}`;
    const request = { kind: 'train', tree, options, hyperparameters } as const;
    return (await this.#first().request(request, { transfer: batches.flatMap(buffersOf), what })).value;
  }

  /** Counts of each batch. Takes their buffers. */
  async evaluate(batches: readonly Batch[]): Promise<readonly EvaluationCounts[]> {
    const parts = this.trains ? [batches] : batches.map((batch) => [batch]);
    const counts = await Promise.all(parts.map((part) => this.#evaluate(part)));
    return counts.flat();
  }

  /** The same update on every engine. Takes the vector, and gives it back when all have applied it. */
  async apply(reduced: Float32Array, hyperparameters: UpdateHyperparameters): Promise<AppliedUpdate> {
    // Keeping an average is work of its own, which begins some steps after the first.
    const what = hyperparameters.averageDecay === undefined ? 'apply' : 'apply with an average';
    const copies = this.#engines.slice(1).map(() => this.#copyOf(reduced));
    const [first, ...others] = await Promise.all(
      this.#engines.map(async (engine, index) => {
        const vector = copies[index - 1] ?? reduced;
        const request = { kind: 'apply', reduced: vector, hyperparameters } as const;
        return (await engine.request(request, { transfer: movable([vector]), what })).value;
      }),
    );
    if (!first) throw new Error('an engine pool needs at least one engine');
    this.#spare = others.map(({ vector }) => vector);
    return first;
  }

  /** In the memory of an earlier copy where there is one: the kernel would have to clear new memory first. */
  #copyOf(vector: Float32Array): Float32Array {
    const spare = this.#spare.pop();
    if (spare?.length !== vector.length) return vector.slice();
    spare.set(vector);
    return spare;
  }

  /** State after every request made before this one. */
  async readState(): Promise<ReplicaState> {
    return (await this.#first().request({ kind: 'read-state' })).value;
  }

  /** Borrows the state: each engine gets a copy. */
  async writeState(state: ReplicaState): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.request({ kind: 'write-state', state })));
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.close()));
  }

  async #gradients(trees: readonly BatchTree[], options: LaneSumOptions): Promise<readonly Float32Array[]> {
    const batches = present(trees.flatMap(leavesOf));
    const what = `gradients of ${shapesOf(batches)}`;
    const request = { kind: 'gradients', trees, options } as const;
    return (await this.#leastLoaded().request(request, { transfer: batches.flatMap(buffersOf), what })).value;
  }

  async #evaluate(batches: readonly Batch[]): Promise<readonly EvaluationCounts[]> {
    const what = `evaluate ${shapesOf(batches)}`;
    const request = { kind: 'evaluate', batches } as const;
    return (await this.#leastLoaded().request(request, { transfer: batches.flatMap(buffersOf), what })).value;
  }

  #first(): EngineThread {
    const [first] = this.#engines;
    if (!first) throw new Error('an engine pool needs at least one engine');
    return first;
  }

  #leastLoaded(): EngineThread {
    return this.#engines.reduce((best, engine) => (engine.load < best.load ? engine : best), this.#first());
  }
}

function tell({ parts, sums }: StageSums, told: TellPart): void {
  for (const [tree, values] of sums.entries()) {
    let from = 0;
    for (const { lo, hi } of parts) {
      told(tree, lo, values.subarray(from, from + hi - lo));
      from += hi - lo;
    }
    freeMemory(values);
  }
}

const present = (batches: readonly (Batch | null)[]): Batch[] => batches.filter((batch) => batch !== null);

/** `32 images of 224x224 in 2 lanes`: a GPU plans its kernels for each shape it is fed with, and a graph is made for each number of lanes. */
function shapesOf(batches: readonly Batch[]): string {
  const shapes = [...new Set(batches.map(shapeOf))];
  return `${shapes.join(' and ')}${batches.length > 1 ? ` in ${batches.length} lanes` : ''}`;
}

function shapeOf(batch: Batch): string {
  const { numSamples, mixup } = batch;
  const side = sideOf(batch);
  const mask = mixup ? `, mixed by a mask of ${mixup.side}x${mixup.side}` : '';
  return `${numSamples} ${numSamples === 1 ? 'image' : 'images'} of ${side}x${side}${mask}`;
}

const buffersOf = ({ images, labels, mixup }: Batch): ArrayBuffer[] =>
  movable([images, labels, ...(mixup ? [mixup.mask] : [])]);
