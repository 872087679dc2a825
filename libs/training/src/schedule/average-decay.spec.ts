import { describe, expect, it } from '@jest/globals';
import { averageDecayAt } from './average-decay.js';

const from = (ema: { decay: number; everySteps: number } | undefined) => (step: number) =>
  averageDecayAt(ema ? { ema } : {}, step);

describe('the decay of the average', () => {
  it('grows to the one that was asked for', () => {
    expect([1, 2, 8, 1000].map(from({ decay: 0.9, everySteps: 1 }))).toEqual([2 / 11, 3 / 12, 0.5, 0.9]);
  });

  it('is there in every n-th step only', () => {
    expect([1, 31, 32, 64, 65].map(from({ decay: 0.9, everySteps: 32 }))).toEqual([
      undefined,
      undefined,
      2 / 11,
      3 / 12,
      undefined,
    ]);
    expect(from(undefined)(1)).toBeUndefined();
  });
});
