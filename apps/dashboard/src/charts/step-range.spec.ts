import { describe, expect, it } from '@jest/globals';
import { parseStepRange, stepsIn, xRangeOf } from './step-range.js';
import { X_AXES } from './x-axis.js';

/** Ten steps an epoch, one in two seconds, from second 100 on. */
const steps = Array.from({ length: 20 }, (_, index) => ({ step: index + 1, at: 100_000 + (index + 1) * 2000 }));
const run = { stepsPerEpoch: 10, startedAt: 100_000 };

describe('a range of steps', () => {
  it('is what lies in the part of the axis that was marked, and marks that part, on every axis', () => {
    const marked = { step: { min: 3.5, max: 8.2 }, epoch: { min: 0.35, max: 0.82 }, time: { min: 7, max: 16.4 } };
    const shown = { step: { min: 4, max: 8 }, epoch: { min: 0.4, max: 0.8 }, time: { min: 8, max: 16 } };
    for (const axis of X_AXES) {
      const context = { axis, ...run };
      expect([axis, stepsIn(marked[axis], steps, context)]).toEqual([axis, { from: 4, to: 8 }]);
      expect([axis, xRangeOf({ from: 4, to: 8 }, steps, context)]).toEqual([axis, shown[axis]]);
    }
  });

  it('is none where fewer than two steps are marked or known', () => {
    const context = { axis: 'step', ...run } as const;
    expect(stepsIn({ min: 3.5, max: 4.5 }, steps, context)).toBeNull();
    expect(stepsIn({ min: 30, max: 40 }, steps, context)).toBeNull();
    expect(xRangeOf({ from: 30, to: 40 }, steps, context)).toBeNull();
    expect(xRangeOf({ from: 20, to: 40 }, steps, context)).toBeNull();
  });

  it('comes from the address where both ends are steps in order', () => {
    expect(parseStepRange('5', '9')).toEqual({ from: 5, to: 9 });
    for (const [from, to] of [
      ['9', '5'],
      ['0', '5'],
      ['5', null],
      ['a', '5'],
      ['1.5', '5'],
    ])
      expect(parseStepRange(from ?? null, to ?? null)).toBeNull();
  });
});
