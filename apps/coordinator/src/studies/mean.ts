import type { Mean } from '#contracts';

/** Mean and sample standard deviation (n - 1 in the denominator); null of nothing. */
export function meanOf(values: readonly number[]): Mean | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: count === 1 ? null : Math.sqrt(squares / (count - 1)), count };
}
