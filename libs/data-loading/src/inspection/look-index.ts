import { lookDistance, NUM_WORDS } from './look-hash.js';

/** Hashes that differ by fewer bits than they have words share a word: none is missed. */
export const MAX_DISTANCE = NUM_WORDS - 1;

/** Finds hashes near a given one without comparing all: by each word, those that have it. */
export class LookIndex {
  readonly #byWord: readonly Map<number, number[]>[] = Array.from({ length: NUM_WORDS }, () => new Map());
  readonly #looks = new Map<number, Uint16Array>();

  add(sample: number, look: Uint16Array): void {
    this.#looks.set(sample, look);
    for (const [at, word] of look.entries()) {
      const samples = this.#byWord[at]?.get(word);
      if (samples === undefined) this.#byWord[at]?.set(word, [sample]);
      else samples.push(sample);
    }
  }

  /** Samples whose hashes differ by at most MAX_DISTANCE bits. */
  near(look: Uint16Array): readonly number[] {
    const seen = new Set<number>();
    const found: number[] = [];
    for (const [at, word] of look.entries()) {
      for (const sample of this.#byWord[at]?.get(word) ?? []) {
        const other = this.#looks.get(sample);
        if (other === undefined || seen.has(sample)) continue;
        seen.add(sample);
        if (lookDistance(look, other) <= MAX_DISTANCE) found.push(sample);
      }
    }
    return found;
  }
}
