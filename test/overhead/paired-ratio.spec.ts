import { describe, expect, it } from '@jest/globals';
import { randomStream } from '#contracts';
import { pairedRatio } from './paired-ratio.js';

describe('pairedRatio', () => {
  it('is the second by the first of a pair, in the middle of all pairs', () => {
    expect(
      pairedRatio([
        [10, 11],
        [40, 80],
        [20, 21],
      ]),
    ).toEqual({ median: 1.1, low: 1.05, high: 2 });
  });

  it('gives the interval by the ranks of the sign test', () => {
    const pairs = Array.from({ length: 41 }, (_, index) => [1, index + 1] as const);

    expect(pairedRatio(pairs)).toEqual({ median: 21, low: 14, high: 28 });
  });

  it('has the true ratio in its interval in about 19 of 20 measurements, however heavy the tails of the noise', () => {
    const random = randomStream(1);
    // A machine that is now and then busy with something else for very long.
    const disturbed = (time: number): number => time * (1 + 0.02 / Math.max(1e-6, random.nextFloat()));
    const trials = Array.from({ length: 500 }, () =>
      pairedRatio(Array.from({ length: 41 }, () => [disturbed(100), disturbed(103)])),
    );

    const held = trials.filter(({ low, high }) => low <= 1.03 && 1.03 <= high).length / trials.length;
    expect(held).toBeGreaterThan(0.92);
    expect(held).toBeLessThan(0.99);
  });
});
