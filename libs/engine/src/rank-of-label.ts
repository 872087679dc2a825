/**
 * How many classes beat a sample's label: those with a larger score, and of equals those with a lower number, as
 * TensorFlow's ArgMax and TopKV2 order them. 0: the label is the top-1 prediction.
 */
export function rankOfLabel(scores: ArrayLike<number>, label: number): number {
  const own = scores[label] ?? Number.NaN;
  let rank = 0;
  for (let other = 0; other < scores.length; other += 1) {
    const score = scores[other] ?? Number.NaN;
    if (score > own || (score === own && other < label)) rank += 1;
  }
  return rank;
}

/** Samples whose label is among the `k` best of their row of `scores` (labels.length rows). */
export function countRanked(scores: Float32Array, labels: Int32Array, k: number): number {
  const numClasses = scores.length / labels.length;
  return labels.reduce((count, label, row) => {
    const rank = rankOfLabel(scores.subarray(row * numClasses, (row + 1) * numClasses), label);
    return count + Number(rank < k);
  }, 0);
}
