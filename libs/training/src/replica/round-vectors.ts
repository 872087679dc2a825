import { sumOfParts, type LaneNode } from '#parameter-server';
import { MAX_KEPT_ROOTS } from './replica-model.js';

/** The sums of the round in flight by node of the lane tree, and the roots that wait to be applied. */
export class RoundVectors {
  readonly #sums = new Map<string, Float32Array<ArrayBuffer>>();
  readonly #roots = new Map<number, Float32Array<ArrayBuffer>>();

  /** Drops what is over. */
  enterRound(round: number): void {
    this.#sums.clear();
    for (const kept of this.#roots.keys()) if (kept < round) this.#roots.delete(kept);
  }

  keepSum(node: LaneNode, vector: Float32Array<ArrayBuffer>): void {
    this.#sums.set(keyOf(node), vector);
  }

  /**
   * Sum of the subtree's lanes in the order of the lane tree, the first `numRounded` elements as on a 16-bit wire; the
   * vectors it is made of are used up. The engine adds what it computes together: this is for lanes that came one after
   * the other.
   */
  takeSubtree(node: LaneNode, numRounded: number): Float32Array<ArrayBuffer> {
    const take = (part: LaneNode): Float32Array<ArrayBuffer> | null => {
      const vector = this.#sums.get(keyOf(part)) ?? null;
      this.#sums.delete(keyOf(part));
      return vector;
    };
    return sumOfParts(node, take, numRounded);
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

const keyOf = ({ lo, hi }: LaneNode): string => `${lo} ${hi}`;
