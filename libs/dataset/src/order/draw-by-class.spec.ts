import { describe, expect, it } from '@jest/globals';
import { drawByClass } from './draw-by-class.js';

/** 90, 9 and 1 samples of three classes, and none of a fourth. */
const LABELS = Uint32Array.from({ length: 100 }, (_, sample) => (sample < 90 ? 0 : sample < 99 ? 1 : 4));
const drawsOf = (epoch: number, seed = 1): Uint32Array => drawByClass(LABELS, { seed, epoch });

function looksOf(draws: Uint32Array): number[][] {
  const looks: number[][] = Array.from(LABELS, () => []);
  for (const draw of draws) looks[draw % 100]?.push(Math.floor(draw / 100));
  return looks;
}

describe('drawByClass', () => {
  it('draws as many as there are samples, of every class the same number or one more', () => {
    const draws = drawsOf(0);
    expect(draws).toHaveLength(100);
    const counts = new Map<number, number>();
    for (const draw of draws) {
      const label = LABELS[draw % 100] ?? -1;
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    expect([...counts.values()].sort((a, b) => a - b)).toEqual([33, 33, 34]);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 1, 4]);
  });

  it('numbers the looks at a sample, and spreads them evenly over its class', () => {
    const looks = looksOf(drawsOf(0));
    for (const each of looks) expect(each).toEqual([...each.keys()]);
    const ofSecond = looks.slice(90, 99).map(({ length }) => length);
    expect(Math.max(...ofSecond) - Math.min(...ofSecond)).toBeLessThanOrEqual(1);
  });

  it('is a function of seed, epoch and labels', () => {
    expect(drawsOf(3)).toEqual(drawsOf(3));
    expect(drawsOf(4)).not.toEqual(drawsOf(3));
    expect(drawsOf(3, 2)).not.toEqual(drawsOf(3));
  });

  it('draws every sample once where the classes are of one size', () => {
    const labels = Uint32Array.from({ length: 60 }, (_, sample) => sample % 3);
    expect([...drawByClass(labels, { seed: 1, epoch: 0 })]).toEqual([...Array(60).keys()]);
  });
});
