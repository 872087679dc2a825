import type { TimelineNumbers } from '#contracts';
import type { Batch } from '#data-loading';
import { epochOrder } from '#dataset';
import type { BatchPort } from '#training';
import { LaneSampler } from '../../../libs/data-loading/src/loader/lane-samples.js';

/** Batches that hold the numbers of their samples instead of pixels: which samples a lane takes is production code. */
export class SimulatedBatches implements BatchPort {
  readonly #waitMs: () => number;
  readonly #sampler: LaneSampler;

  constructor(seed: number, numbers: TimelineNumbers, waitMs: () => number) {
    this.#waitMs = waitMs;
    this.#sampler = new LaneSampler(numbers, (epoch) => epochOrder(seed, epoch, numbers.numTrainSamples));
  }

  async load(lane: number, round: number): Promise<Batch | null> {
    await new Promise((resolve) => setTimeout(resolve, this.#waitMs()));
    return this.#batch(lane, round);
  }

  prefetch(): void {}

  async *evaluation(lane: number, round: number): AsyncGenerator<Batch, void> {
    const batch = await this.load(lane, round);
    if (batch) yield batch;
  }

  #batch(lane: number, round: number): Batch | null {
    const { samples, epoch } = this.#sampler.samples(lane, round);
    if (samples.length === 0) return null;
    return {
      images: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
      labels: Int32Array.from(samples, () => epoch),
      numSamples: samples.length,
    };
  }
}
