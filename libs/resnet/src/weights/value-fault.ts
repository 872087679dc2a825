import type { StateDictItem } from './state-dict.js';

/** What makes the numbers of a tensor no weights; undefined where they can be. Half floats end at 65,504: beyond is infinite. */
export function valueFault(item: StateDictItem, numbers: Float32Array): string | undefined {
  // Of infinities and NaN the difference is NaN. Quicker than asking Number, and this is about every weight.
  const wrong = numbers.find((value) => value - value !== 0);
  if (wrong !== undefined) return `holds ${wrong}`;
  const isVariance = item.kind === 'statistic' && item.entry.kind === 'variance';
  return isVariance && numbers.some((value) => value < 0) ? 'holds negative variances' : undefined;
}
