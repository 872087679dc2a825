import { NotFiniteError, RefusedInputError, type EvaluationTally } from '#contracts';
import { rankOfLabel } from '#engine';

/** A confusion matrix of so many classes is 16 MiB; vectors of this size are summed along the lane tree. */
const MAX_CLASSES = 2048;
const [LOSS, SAMPLES, CORRECT, CORRECT_TOP5, CONFUSION] = [0, 1, 2, 3, 4] as const;
/** Probabilities below this count as this: a loss stays finite. */
const LEAST_PROBABILITY = 1e-30;

/** Throws RefusedInputError where a confusion matrix would be too large to be summed. */
export function checkNumClasses(numClasses: number): void {
  if (numClasses <= MAX_CLASSES) return;
  throw new RefusedInputError(`an evaluation counts at most ${MAX_CLASSES} classes, the network has ${numClasses}`);
}

/**
 * Counts of samples as one vector that adds up: [sum of losses, samples, right, right among five, confusion matrix by
 * label and prediction]. Whole numbers are exact in fp32 up to 2^24 a part.
 */
export class CountsVector {
  readonly #vector: Float64Array;

  readonly #numClasses: number;

  constructor(numClasses: number) {
    this.#numClasses = numClasses;
    checkNumClasses(numClasses);
    this.#vector = new Float64Array(CONFUSION + numClasses ** 2);
  }

  /** Of equal scores the lower class is better. */
  count(scores: Float64Array, label: number): void {
    const predicted = scores.indexOf(scores.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY));
    if (predicted < 0)
      throw new NotFiniteError('loss or scores are not finite: the weights are no network that was trained');
    const rank = rankOfLabel(scores, label);
    this.#add(LOSS, -Math.log(Math.max(scores[label] ?? 0, LEAST_PROBABILITY)));
    this.#add(SAMPLES, 1);
    this.#add(CORRECT, Number(rank === 0));
    this.#add(CORRECT_TOP5, Number(rank < 5));
    this.#add(CONFUSION + label * this.#numClasses + predicted, 1);
  }

  /** Rounded once. */
  toFloats(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.#vector);
  }

  #add(at: number, value: number): void {
    this.#vector[at] = (this.#vector[at] ?? 0) + value;
  }
}

/** Reads a vector of counts, or a sum of such. */
export function readTally(vector: Float32Array, numClasses: number): EvaluationTally {
  const at = (index: number): number => vector[index] ?? Number.NaN;
  const confusion: EvaluationTally['confusion'] = [];
  for (const [cell, count] of vector.subarray(CONFUSION).entries()) {
    if (count > 0) confusion.push([Math.floor(cell / numClasses), cell % numClasses, count]);
  }
  return {
    lossSum: at(LOSS),
    samples: at(SAMPLES),
    correct: at(CORRECT),
    correctTop5: at(CORRECT_TOP5),
    confusion,
  };
}
