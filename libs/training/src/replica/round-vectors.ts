import { sumOfParts, type LaneNode } from '#parameter-server';
import { freeMemory } from '#vectors';
import { MAX_KEPT_ROOTS } from './replica-model.js';

/** The sums of the round in flight by node of the lane tree, and the roots that wait to be applied. */
export class RoundVectors {
  readonly #sums = new Map<string, Float32Array>();
  readonly #roots = new Map<number, Float32Array>();

  /** Drops what is over. */
  enterRound(round: number): void {
    for (const vector of this.#sums.values()) freeMemory(vector);
    this.#sums.clear();
    for (const kept of this.#roots.keys()) if (kept < round) this.#dropRoot(kept);
  }

  keepSum(node: LaneNode, vector: Float32Array): void {
    this.#sums.set(keyOf(node), vector);
  }

  hasSum(node: LaneNode): boolean {
    return this.#sums.has(keyOf(node));
  }

  /**
   * Sum of the subtree's lanes in the order of the lane tree, the first `numRounded` elements as on a 16-bit wire; the
   * vectors it is made of are used up. The engine adds what it computes together: this is for lanes that came one after
   * the other.
   */
  takeSubtree(node: LaneNode, numRounded: number): Float32Array {
    const take = (part: LaneNode): Float32Array | null => {
      const vector = this.#sums.get(keyOf(part)) ?? null;
      this.#sums.delete(keyOf(part));
      return vector;
    };
    return sumOfParts(node, take, numRounded);
  }

  keepRoot(round: number, vector: Float32Array): void {
    this.#roots.set(round, vector);
    if (this.#roots.size > MAX_KEPT_ROOTS) this.#dropRoot(Math.min(...this.#roots.keys()));
  }

  takeRoot(round: number): Float32Array {
    const vector = this.#roots.get(round);
    if (!vector) throw new Error(`the root of round ${round} is not here`);
    this.#roots.delete(round);
    return vector;
  }

  #dropRoot(round: number): void {
    const vector = this.#roots.get(round);
    this.#roots.delete(round);
    if (vector) freeMemory(vector);
  }
}

/** A node as the key of a map. */
export const keyOf = ({ lo, hi }: LaneNode): string => `${lo} ${hi}`;
