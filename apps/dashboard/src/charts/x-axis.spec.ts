import { describe, expect, it } from '@jest/globals';
import { describeX, formatTick, parseXAxis, tickDistances, X_AXES, xOf } from './x-axis.js';

const point = { step: 50, at: 65_000 };
const run = { stepsPerEpoch: 20, startedAt: 5_000 };

describe('x axis', () => {
  it('maps a point to steps, epochs and seconds', () => {
    expect(X_AXES.map((axis) => xOf(point, { axis, ...run }))).toEqual([50, 2.5, 60]);
  });

  it('falls back to steps when the address names no known axis', () => {
    expect(parseXAxis('epoch')).toBe('epoch');
    expect(parseXAxis('moon')).toBe('step');
    expect(parseXAxis(null)).toBe('step');
  });

  it('names ticks and places in the unit of the axis', () => {
    expect(formatTick('time', 90)).toBe('1:30');
    expect(formatTick('step', 20_000)).toBe('20k');
    expect(describeX('epoch', 2.5)).toBe('epoch 2.50');
    expect(describeX('step', 1200)).toBe('step 1,200');
  });

  it('offers growing tick distances', () => {
    for (const axis of X_AXES) {
      const distances = tickDistances(axis);
      expect(distances).toEqual([...distances].sort((left, right) => left - right));
    }
    expect(tickDistances('step')[0]).toBe(1);
  });
});
