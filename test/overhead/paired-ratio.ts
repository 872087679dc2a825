import { median } from '#contracts';
import type { PairedRatio } from './measurement.js';

/** Two-sided 95 % of the normal distribution. */
const Z = 1.96;

/**
 * How many times as much the second of each pair took as the first: the median over the pairs, and the interval that
 * holds the true median in 19 of 20 measurements, whatever the noise is like: between the k-th smallest and the k-th
 * largest, with k from the binomial distribution of a fair coin (sign test).
 */
export function pairedRatio(pairs: readonly (readonly [first: number, second: number])[]): PairedRatio {
  const ratios = pairs.map(([first, second]) => second / first).sort((a, b) => a - b);
  const outside = Math.max(0, Math.floor((ratios.length - Z * Math.sqrt(ratios.length)) / 2) - 1);
  return {
    median: median(ratios),
    low: ratios[outside] ?? NaN,
    high: ratios[ratios.length - 1 - outside] ?? NaN,
  };
}
