import { laneSlice, roundPosition, type TimelineNumbers } from '#contracts';
import type { OrderOf } from './training-order.js';

/** What a lane decodes in a round: samples of one split, in order. */
export interface LaneSamples {
  readonly split: 'train' | 'val';
  readonly epoch: number;
  readonly round: number;
  /** In training: draws (`OrderOf`). */
  readonly samples: Uint32Array;
}

/** Which samples a lane takes in a round: a pure function of order and numbers; keeps the orders of two epochs. */
export class LaneSampler {
  readonly #orders = new Map<number, Uint32Array>();

  readonly #numbers: TimelineNumbers;
  readonly #makeOrder: OrderOf;

  constructor(numbers: TimelineNumbers, orderOf: OrderOf) {
    this.#numbers = numbers;
    this.#makeOrder = orderOf;
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
    const order = this.#makeOrder(epoch);
    // Two: lanes and prefetching straddle the end of an epoch.
    for (const other of this.#orders.keys()) if (this.#orders.size > 1) this.#orders.delete(other);
    this.#orders.set(epoch, order);
    return order;
  }
}
