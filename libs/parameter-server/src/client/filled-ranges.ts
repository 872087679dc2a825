import type { VectorRange } from '../reduce/ranges.js';

/** Which elements of a vector are there, as it is filled part by part. */
export class FilledRanges {
  /** Apart from each other, ascending. */
  #ranges: readonly VectorRange[] = [];

  /** True where all elements of the range are there. */
  covers({ lo, hi }: VectorRange): boolean {
    return this.#ranges.some((range) => range.lo <= lo && hi <= range.hi);
  }

  add(added: VectorRange): void {
    const touches = ({ lo, hi }: VectorRange): boolean => lo <= added.hi && added.lo <= hi;
    const together = [added, ...this.#ranges.filter(touches)];
    const merged = { lo: Math.min(...together.map(({ lo }) => lo)), hi: Math.max(...together.map(({ hi }) => hi)) };
    this.#ranges = [...this.#ranges.filter((range) => !touches(range)), merged].sort((a, b) => a.lo - b.lo);
  }
}
