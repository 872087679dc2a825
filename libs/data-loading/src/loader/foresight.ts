import type { LaneSamples } from './lane-samples.js';

/** Looked ahead: shards of several thousand samples are fetched before the first of them is wanted. */
const AHEAD_SAMPLES = 32_768;

/** Samples of a split that are wanted one after the other; in training: draws (`OrderOf`). */
export type WantedSamples = Pick<LaneSamples, 'split' | 'samples'>;

/** The rounds of a run or an evaluation, as far as samples are read in them. */
export interface SampleRounds {
  readonly numRounds: number;
  /** Samples that a lane takes in a round, about. */
  readonly samplesARound: number;
  /** Rounds after which nothing new is wanted: an epoch names all shards. */
  readonly mostRounds: number;
  /** What a lane wants in a round. */
  samples(lane: number, round: number): WantedSamples;
}

/** What the lanes of this worker will read, told from time to time, so that shards are fetched ahead of the samples. */
export class Foresight {
  readonly #rounds: SampleRounds;
  readonly #lanes = new Set<number>();
  /** The round that was told from, and the one to tell at again. */
  #toldFrom = 0;
  #nextAt = 0;

  constructor(rounds: SampleRounds) {
    this.#rounds = rounds;
  }

  /** In the order in which samples will be wanted, from a round of a lane on; undefined: as told before. */
  tell(lane: number, round: number): readonly WantedSamples[] | undefined {
    const isKnown = this.#lanes.has(lane) && round >= this.#toldFrom && round < this.#nextAt;
    if (isKnown) return undefined;
    this.#lanes.add(lane);
    const { samplesARound, mostRounds } = this.#rounds;
    const wanted = Math.ceil(AHEAD_SAMPLES / (this.#lanes.size * samplesARound));
    const numRounds = Math.max(2, Math.min(wanted, mostRounds));
    this.#toldFrom = round;
    // Half of it is left then.
    this.#nextAt = round + Math.floor(numRounds / 2);
    const parts: WantedSamples[] = [];
    const end = Math.min(this.#rounds.numRounds, round + numRounds);
    for (let next = round; next < end; next += 1)
      for (const each of this.#lanes) parts.push(this.#rounds.samples(each, next));
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
