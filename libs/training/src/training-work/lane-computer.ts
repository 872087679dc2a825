import { roundPosition, samplesInStep, type RoundPosition, type RunSpec, type TimelineNumbers } from '#contracts';
import { sideOf, type BatchTree, type LaneSumOptions } from '#engine';
import { mixupOfLane, type Batch } from '#data-loading';
import { foldTree, maximalSubtrees, type LaneNode } from '#parameter-server';
import { ofLane } from '../replica/of-lane.js';
import type { PartialSums, RoundPart } from '../replica/round-work.js';
import type { BatchPort, EnginePort } from './training-ports.js';

export interface LaneComputerOptions {
  readonly numbers: TimelineNumbers;
  readonly engines: EnginePort;
  /** Elements of a lane's vector. */
  readonly vectorLength: number;
  readonly batches: BatchPort;
  readonly spec: Pick<RunSpec, 'seed' | 'regularization'>;
}

/** Lanes of a step with their samples, as the engine adds them up. */
export interface LoadedLanes {
  readonly nodes: readonly LaneNode[];
  /** One for each node. */
  readonly trees: readonly BatchTree[];
  readonly options: LaneSumOptions;
  /** Milliseconds of waiting for the samples. */
  readonly dataMs: number;
}

/** Computes lanes of a round: gradients of their slices of the step, or counts of their slices of the validation set. */
export class LaneComputer {
  readonly #options: LaneComputerOptions;

  constructor(options: LaneComputerOptions) {
    this.#options = options;
  }

  /** `numRounded` as the round has it. */
  async compute(
    lanes: readonly number[],
    round: number,
    { numRounded, partial }: { readonly numRounded: number; readonly partial: PartialSums | null },
  ): Promise<RoundPart> {
    const position = roundPosition(this.#options.numbers, round);
    if (position.kind === 'evaluate') return await this.#evaluation(lanes, round);
    const { nodes, trees, options, dataMs } = await this.load(lanes, position, numRounded);
    const { engines, vectorLength } = this.#options;
    if (partial) {
      await engines.gradientStages(trees, options, (tree, lo, values) => {
        const node = nodes[tree];
        if (node) partial.part(node, vectorLength, lo, values);
      });
      return { sums: [], dataMs };
    }
    const vectors = await engines.gradients(trees, options);
    const sums = nodes.map((node, index) => {
      const vector = vectors[index];
      if (!vector) throw new Error(`the engine gave no sum of lanes ${node.lo} to ${node.hi - 1}`);
      return { node, vector };
    });
    return { sums, dataMs };
  }

  /** The samples of a step, mixed as the run does; those of the next step are decoded meanwhile. */
  async load(lanes: readonly number[], position: RoundPosition, numRounded: number): Promise<LoadedLanes> {
    const { batches, spec, numbers } = this.#options;
    const { round, stepInEpoch } = position;
    const start = performance.now();
    const loaded = await Promise.all(lanes.map((lane) => ofLane(lane, batches.load(lane, round))));
    const dataMs = performance.now() - start;
    for (const lane of lanes) batches.prefetch(lane, round + 1);
    const batchOf = (lane: number): Batch | null => {
      const batch = loaded[lanes.indexOf(lane)];
      if (!batch || batch.numSamples === 0) return null;
      return { ...batch, mixup: mixupOfLane(spec, { ...position, lane, imageSize: Math.round(sideOf(batch)) }) };
    };
    const nodes = maximalSubtrees(numbers.lanes, lanes);
    const leaves = lanes.toSorted((a, b) => a - b);
    const options = { globalBatch: samplesInStep(numbers, stepInEpoch), numRounded, lanes: leaves };
    const trees = nodes.map((node) => foldTree<BatchTree>(node, batchOf, (left, right) => [left, right]));
    return { nodes, trees, options, dataMs };
  }

  /** The lanes' batches side by side, as far as each has one. */
  async #evaluation(lanes: readonly number[], round: number): Promise<RoundPart> {
    const { batches, engines } = this.#options;
    const start = performance.now();
    let computeMs = 0;
    // Summed in double and rounded once, so the result depends on the lane's slice only.
    const slices = lanes.map((lane) => ({
      lane,
      sums: [0, 0, 0, 0],
      batches: batches.evaluation(lane, round)[Symbol.asyncIterator](),
    }));
    try {
      for (;;) {
        const turns = await Promise.all(
          slices.map(async (slice) => ({ slice, turn: await ofLane(slice.lane, slice.batches.next()) })),
        );
        const present = turns.flatMap(({ slice, turn }) => (turn.done ? [] : [{ slice, batch: turn.value }]));
        if (present.length === 0) break;
        const begun = performance.now();
        const counts = await engines.evaluate(present.map(({ batch }) => batch));
        computeMs += performance.now() - begun;
        for (const [index, { slice }] of present.entries()) {
          counts[index]?.forEach((count, which) => (slice.sums[which] = (slice.sums[which] ?? 0) + count));
        }
      }
    } finally {
      await Promise.all(slices.map(async (slice) => await slice.batches.return?.()));
    }
    return {
      sums: slices.map(({ lane, sums }) => ({ node: { lo: lane, hi: lane + 1 }, vector: Float32Array.from(sums) })),
      dataMs: performance.now() - start - computeMs,
    };
  }
}
