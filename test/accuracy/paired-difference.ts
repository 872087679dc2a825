/** A mean of differences and how well it is known, in the unit of the values. */
export interface PairedDifference {
  readonly mean: number;
  /** Of the mean: the sample deviation of the differences over the root of their number. */
  readonly standardError: number;
}

/** What the second values have more than the first, pair by pair. Two pairs at least. */
export function pairedDifference(first: readonly number[], second: readonly number[]): PairedDifference {
  if (first.length !== second.length || first.length < 2) {
    throw new RangeError(`${first.length} and ${second.length} values are not two pairs or more`);
  }
  const differences = second.map((value, index) => value - (first[index] ?? NaN));
  const mean = meanOf(differences);
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (differences.length - 1);
  return { mean, standardError: Math.sqrt(variance / differences.length) };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
