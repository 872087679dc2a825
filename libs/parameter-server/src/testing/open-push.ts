import { FilledRanges } from '../client/filled-ranges.js';
import type { OpenPush } from '../exchange.js';

/** Collects a vector and pushes it once it is whole. */
export function openPush(length: number, push: (vector: Float32Array<ArrayBuffer>) => void): OpenPush {
  const vector = new Float32Array(length);
  const filled = new FilledRanges();
  let isPushed = false;
  return {
    fill: (lo, values) => {
      if (isPushed) return;
      vector.set(values, lo);
      filled.add({ lo, hi: lo + values.length });
      isPushed = filled.covers({ lo: 0, hi: length });
      if (isPushed) push(vector);
    },
  };
}
