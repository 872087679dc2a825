import { describe, expect, it } from '@jest/globals';
import { DrainWatch } from './drain-watch.js';

const computing = { isComputing: true, computedAt: 0, ownMs: 0, heardAt: 0 };

describe('DrainWatch', () => {
  it('stays while lanes are being computed, however long that takes', () => {
    const watch = new DrainWatch(2_000);
    watch.begin(0, Infinity);
    expect(watch.isOver({ ...computing, now: 600_000 })).toBe(false);
  });

  it('gives the others as long as its own part took, and at least some patience', () => {
    const watch = new DrainWatch(2_000);
    watch.begin(10_000, Infinity);
    const quick = { isComputing: false, computedAt: 9_900, ownMs: 100, heardAt: 0 };
    expect([watch.isOver({ ...quick, now: 14_900 }), watch.isOver({ ...quick, now: 15_000 })]).toEqual([false, true]);
    const slow = { isComputing: false, computedAt: 70_000, ownMs: 60_000, heardAt: 0 };
    expect([watch.isOver({ ...slow, now: 129_000 }), watch.isOver({ ...slow, now: 130_000 })]).toEqual([false, true]);
  });

  it('stays as long as the root is coming in', () => {
    const watch = new DrainWatch(2_000);
    watch.begin(10_000, Infinity);
    const slow = { isComputing: false, computedAt: 9_900, ownMs: 100, heardAt: 60_000 };
    expect([watch.isOver({ ...slow, now: 64_900 }), watch.isOver({ ...slow, now: 65_000 })]).toEqual([false, true]);
  });

  it('leaves in time where somebody else would end the process', () => {
    const watch = new DrainWatch(2_000);
    watch.begin(0, Infinity);
    watch.begin(0, 4_000);
    watch.begin(3_000, 4_000);
    expect([watch.isOver({ ...computing, now: 3_999 }), watch.isOver({ ...computing, now: 4_000 })]).toEqual([
      false,
      true,
    ]);
  });

  it('never ends before it has begun', () => {
    expect(new DrainWatch(2_000).isOver({ isComputing: false, computedAt: 0, ownMs: 0, heardAt: 0, now: 99_999 })).toBe(
      false,
    );
  });
});
