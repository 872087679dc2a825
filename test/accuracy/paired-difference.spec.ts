import { describe, expect, it } from '@jest/globals';
import { pairedDifference } from './paired-difference.js';

describe('a paired difference', () => {
  it('has the mean of the differences and its standard error', () => {
    const { mean, standardError } = pairedDifference([97, 98, 99], [97.5, 98, 98.5]);
    expect(mean).toBeCloseTo(0, 12);
    // Sample deviation of 0.5, 0 and -0.5 is 0.5.
    expect(standardError).toBeCloseTo(0.5 / Math.sqrt(3), 12);
  });

  it('knows nothing of what the pairs have in common', () => {
    expect(pairedDifference([10, 50, 90], [11, 51, 91])).toEqual({ mean: 1, standardError: 0 });
  });

  it('refuses what is no two pairs', () => {
    expect(() => pairedDifference([1], [1])).toThrow('1 and 1 values');
    expect(() => pairedDifference([1, 2], [1])).toThrow('2 and 1 values');
  });
});
