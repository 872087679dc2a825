import { laneSlice, roundPosition, type TimelineNumbers } from '#contracts';
import { epochOrder } from '#dataset';

/** What a lane decodes in a round: samples of one split, in order. */
export interface LaneSamples {
  readonly split: 'train' | 'val';
  readonly epoch: number;
  readonly round: number;
  readonly samples: Uint32Array;
}

/** Which samples a lane takes in a round: a pure function of seed and numbers; keeps the orders of two epochs. */
export class LaneSampler {
  readonly #orders = new Map<number, Uint32Array>();

  readonly #seed: number;
  readonly #numbers: TimelineNumbers;

  constructor(seed: number, numbers: TimelineNumbers) {
    this.#seed = seed;
    this.#numbers = numbers;
  }

  kindOf(round: number): 'train' | 'evaluate' {
    return roundPosition(this.#numbers, round).kind;
  }

  samples(lane: number, round: number): LaneSamples {
    const position = roundPosition(this.#numbers, round);
    const { epoch } = position;
    const [from, to] = laneSlice(this.#numbers, position, lane);
    const isTraining = position.kind === 'train';
    return {
      split: isTraining ? 'train' : 'val',
      epoch,
      round,
      samples: isTraining
        ? this.#orderOf(epoch).slice(from, to)
        : Uint32Array.from({ length: to - from }, (_, at) => from + at),
    };
  }

  #orderOf(epoch: number): Uint32Array {
    const held = this.#orders.get(epoch);
    if (held) return held;
    const order = epochOrder(this.#seed, epoch, this.#numbers.numTrainSamples);
    // Two: lanes and prefetching straddle the end of an epoch.
    for (const other of this.#orders.keys()) if (this.#orders.size > 1) this.#orders.delete(other);
    this.#orders.set(epoch, order);
    return order;
  }
}
