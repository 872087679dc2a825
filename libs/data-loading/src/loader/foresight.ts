import { stepsPerEpoch, totalRounds, type TimelineNumbers } from '#contracts';
import type { LaneSampler, LaneSamples } from './lane-samples.js';

/** Looked ahead: shards of several thousand samples are fetched before the first of them is wanted. */
const AHEAD_SAMPLES = 32_768;

/** Samples of a split that are wanted one after the other; in training: draws (`OrderOf`). */
export type WantedSamples = Pick<LaneSamples, 'split' | 'samples'>;

/** What the lanes of this worker will read, told from time to time, so that shards are fetched ahead of the samples. */
export class Foresight {
  readonly #sampler: LaneSampler;
  readonly #numbers: TimelineNumbers;
  readonly #lanes = new Set<number>();
  /** The round that was told from, and the one to tell at again. */
  #toldFrom = 0;
  #nextAt = 0;

  constructor(sampler: LaneSampler, numbers: TimelineNumbers) {
    this.#sampler = sampler;
    this.#numbers = numbers;
  }

  /** In the order in which samples will be wanted, from a training round of a lane on; undefined: as told before. */
  tell(lane: number, round: number): readonly WantedSamples[] | undefined {
    const isKnown = this.#lanes.has(lane) && round >= this.#toldFrom && round < this.#nextAt;
    if (isKnown) return undefined;
    this.#lanes.add(lane);
    const wanted = Math.ceil(AHEAD_SAMPLES / (this.#lanes.size * this.#numbers.laneBatchSize));
    // An epoch names all shards, and the sampler keeps the orders of two.
    const numRounds = Math.max(2, Math.min(wanted, stepsPerEpoch(this.#numbers)));
    this.#toldFrom = round;
    // Half of it is left then.
    this.#nextAt = round + Math.floor(numRounds / 2);
    const parts: WantedSamples[] = [];
    const end = Math.min(totalRounds(this.#numbers), round + numRounds);
    for (let next = round; next < end; next += 1)
      for (const each of this.#lanes) parts.push(this.#sampler.samples(each, next));
    return joined(parts);
  }

  /** Other lanes are another worker's now. */
  keepLanes(lanes: readonly number[]): void {
    for (const lane of this.#lanes) if (!lanes.includes(lane)) this.#lanes.delete(lane);
  }
}

/** Neighbours of one split as one: a message has few arrays. */
function joined(parts: readonly WantedSamples[]): readonly WantedSamples[] {
  const runs: { readonly split: WantedSamples['split']; readonly arrays: Uint32Array[] }[] = [];
  for (const { split, samples } of parts) {
    const last = runs.at(-1);
    if (last?.split === split) last.arrays.push(samples);
    else runs.push({ split, arrays: [samples] });
  }
  return runs.map(({ split, arrays }) => {
    const samples = new Uint32Array(arrays.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const array of arrays) {
      samples.set(array, at);
      at += array.length;
    }
    return { split, samples };
  });
}
