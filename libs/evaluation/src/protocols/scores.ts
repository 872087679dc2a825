import type { EvaluationProtocol } from '#contracts';

/** Softmax of a row, in double precision; a copy. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logits.length; at += 1) largest = Math.max(largest, logits[at] ?? 0);
  const scores = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = scores.reduce((sum, score) => sum + score, 0);
  return scores.map((score) => score / total);
}

/**
 * Gathers the logits of several samples' views into one row of scores a sample: the mean of the views' softmax, or the
 * softmax of their mean logit.
 */
export class ViewScores {
  readonly #sums: Float64Array;
  readonly #numViews: Int32Array;

  constructor(
    numSamples: number,
    private readonly numClasses: number,
    private readonly average: EvaluationProtocol['average'],
  ) {
    this.#sums = new Float64Array(numSamples * numClasses);
    this.#numViews = new Int32Array(numSamples);
  }

  /** `rows` names the sample of each row of logits. */
  add(logits: Float32Array, rows: Int32Array): void {
    const { numClasses, average } = this;
    for (const [at, row] of rows.entries()) {
      const ofView = logits.subarray(at * numClasses, (at + 1) * numClasses);
      const added = average === 'softmax' ? softmax(ofView) : ofView;
      const base = row * numClasses;
      for (let index = 0; index < numClasses; index += 1) {
        this.#sums[base + index] = (this.#sums[base + index] ?? 0) + (added[index] ?? 0);
      }
      this.#numViews[row] = (this.#numViews[row] ?? 0) + 1;
    }
  }

  /** Probabilities of a sample's classes; null where no view of it came. */
  row(sample: number): Float64Array | null {
    const count = this.#numViews[sample] ?? 0;
    if (count === 0) return null;
    const mean = this.#sums
      .subarray(sample * this.numClasses, (sample + 1) * this.numClasses)
      .map((sum) => sum / count);
    return this.average === 'softmax' ? mean : softmax(mean);
  }
}
