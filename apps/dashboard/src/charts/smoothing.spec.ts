import { describe, expect, it } from '@jest/globals';
import { smooth } from './smoothing.js';

describe('smooth', () => {
  it('leaves a constant as it is from the first value on', () => {
    for (const value of smooth([3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
  });

  it('follows a step slowly and stays between the values', () => {
    const result = smooth([0, 0, 0, 1, 1], 0.8);
    expect(result[3]).toBeGreaterThan(0);
    expect(result[4]).toBeGreaterThan(result[3] ?? 1);
    expect(result[4]).toBeLessThan(1);
  });

  it('passes over values that are not finite', () => {
    const result = smooth([2, Number.NaN, 2], 0.9);
    expect(result[1]).toBeCloseTo(2, 12);
    expect(result[2]).toBeCloseTo(2, 12);
  });

  it('is the identity at weight 0', () => {
    expect(smooth([1, 5, 2], 0)).toEqual([1, 5, 2]);
  });
});
