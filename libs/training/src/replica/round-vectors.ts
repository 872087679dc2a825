import { sumTree, type LaneNode } from '#parameter-server';
import { MAX_KEPT_ROOTS } from './replica-model.js';

/** The vectors of the round in flight by lane, and the roots that wait to be applied. */
export class RoundVectors {
  readonly #lanes = new Map<number, Float32Array<ArrayBuffer>>();
  readonly #roots = new Map<number, Float32Array<ArrayBuffer>>();

  /** Drops what is over. */
  enterRound(round: number): void {
    this.#lanes.clear();
    for (const kept of this.#roots.keys()) if (kept < round) this.#roots.delete(kept);
  }

  keepLane(lane: number, vector: Float32Array<ArrayBuffer>): void {
    this.#lanes.set(lane, vector);
  }

  /**
   * Sum of the subtree's lanes in the order of the lane tree, the first `numRounded` elements as on a 16-bit wire; the
   * lanes' vectors are used up.
   */
  takeSubtree(node: LaneNode, numRounded: number): Float32Array<ArrayBuffer> {
    const takeLane = (lane: number): Float32Array<ArrayBuffer> => {
      const vector = this.#lanes.get(lane);
      if (!vector) throw new Error(`lane ${lane} was to be pushed before it was computed`);
      this.#lanes.delete(lane);
      return vector;
    };
    return sumTree(node, takeLane, numRounded);
  }

  keepRoot(round: number, vector: Float32Array<ArrayBuffer>): void {
    this.#roots.set(round, vector);
    if (this.#roots.size > MAX_KEPT_ROOTS) this.#roots.delete(Math.min(...this.#roots.keys()));
  }

  takeRoot(round: number): Float32Array<ArrayBuffer> {
    const vector = this.#roots.get(round);
    if (!vector) throw new Error(`the root of round ${round} is not here`);
    this.#roots.delete(round);
    return vector;
  }
}
