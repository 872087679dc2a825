import { describe, expect, it } from '@jest/globals';
import { growthOf, holds, type Figure } from './figure.js';

const figure = (size: number, value: number): Figure => ({ what: 'list', size, value, unit: 'ms', goal: 100 });

describe('figures of the coordinator', () => {
  it('hold up to their goal', () => {
    expect([figure(1, 100), figure(1, 101), { ...figure(1, 1e9), goal: null }].map(holds)).toEqual([true, false, true]);
  });

  it('grow linearly where ten times the size takes ten times as long, give or take noise', () => {
    const isLinear = (...values: readonly number[]): boolean | undefined =>
      growthOf(values.map((value, index) => figure(10 ** index, value)))[0]?.isLinear;
    expect(isLinear(30, 300, 3_000)).toBe(true);
    expect(isLinear(30, 440, 4_000)).toBe(true);
    expect(isLinear(30, 300, 30_000)).toBe(false);
    expect(isLinear(0.1, 15, 16)).toBe(true);
  });
});
