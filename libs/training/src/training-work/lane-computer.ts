import { roundPosition, samplesInStep, type RoundPosition, type RunSpec, type TimelineNumbers } from '#contracts';
import { sideOf } from '#engine';
import { mixupOfLane } from '#data-loading';
import type { LaneResult } from '../replica/round-work.js';
import type { BatchPort, EnginePort } from './training-ports.js';

export interface LaneComputerOptions {
  readonly numbers: TimelineNumbers;
  readonly vectorLength: number;
  readonly engines: EnginePort;
  readonly batches: BatchPort;
  readonly spec: Pick<RunSpec, 'seed' | 'regularization'>;
}

/** Computes a lane's vector of a round: gradients of its slice of the step, or counts of its slice of the validation set. */
export class LaneComputer {
  readonly #options: LaneComputerOptions;

  constructor(options: LaneComputerOptions) {
    this.#options = options;
  }

  async compute(lane: number, round: number): Promise<LaneResult> {
    const position = roundPosition(this.#options.numbers, round);
    return position.kind === 'train'
      ? await this.#gradients(lane, round, position)
      : await this.#evaluation(lane, round);
  }

  async #gradients(lane: number, round: number, position: RoundPosition): Promise<LaneResult> {
    const { batches, engines, vectorLength, numbers, spec } = this.#options;
    const start = performance.now();
    const batch = await batches.load(lane, round);
    const dataMs = performance.now() - start;
    batches.prefetch(lane, round + 1);
    if (!batch || batch.numSamples === 0) return { vector: new Float32Array(vectorLength), dataMs };
    const { vector } = await engines.gradients(
      { ...batch, mixup: mixupOfLane(spec, { ...position, lane, imageSize: Math.round(sideOf(batch)) }) },
      samplesInStep(numbers, position.stepInEpoch),
    );
    return { vector, dataMs };
  }

  async #evaluation(lane: number, round: number): Promise<LaneResult> {
    const start = performance.now();
    let computeMs = 0;
    // Summed in double and rounded once, so the result depends on the lane's slice only.
    const sums = [0, 0, 0, 0];
    for await (const batch of this.#options.batches.evaluation(lane, round)) {
      const begun = performance.now();
      const counts = await this.#options.engines.evaluate(batch);
      computeMs += performance.now() - begun;
      counts.forEach((count, index) => (sums[index] = (sums[index] ?? 0) + count));
    }
    return { vector: Float32Array.from(sums), dataMs: performance.now() - start - computeMs };
  }
}
