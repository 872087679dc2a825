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
 * Gathers the logits of several samples' crops into one row of scores a sample: the mean of the crops' softmax, or the
 * softmax of their mean logit.
 */
export class TestCropScores {
  readonly #sums: Float64Array;
  readonly #numCrops: Int32Array;

  readonly #numClasses: number;
  readonly #average: EvaluationProtocol['average'];

  constructor(numSamples: number, numClasses: number, average: EvaluationProtocol['average']) {
    this.#numClasses = numClasses;
    this.#average = average;
    this.#sums = new Float64Array(numSamples * numClasses);
    this.#numCrops = new Int32Array(numSamples);
  }

  /** `rows` names the sample of each row of logits. */
  add(logits: Float32Array, rows: Int32Array): void {
    const numClasses = this.#numClasses;
    const average = this.#average;
    for (const [at, row] of rows.entries()) {
      const ofCrop = logits.subarray(at * numClasses, (at + 1) * numClasses);
      const added = average === 'softmax' ? softmax(ofCrop) : ofCrop;
      const base = row * numClasses;
      for (let index = 0; index < numClasses; index += 1) {
        this.#sums[base + index] = (this.#sums[base + index] ?? 0) + (added[index] ?? 0);
      }
      this.#numCrops[row] = (this.#numCrops[row] ?? 0) + 1;
    }
  }

  /** Probabilities of a sample's classes; null where no crop of it came. */
  row(sample: number): Float64Array | null {
    const count = this.#numCrops[sample] ?? 0;
    if (count === 0) return null;
    const mean = this.#sums
      .subarray(sample * this.#numClasses, (sample + 1) * this.#numClasses)
      .map((sum) => sum / count);
    return this.#average === 'softmax' ? mean : softmax(mean);
  }
}
