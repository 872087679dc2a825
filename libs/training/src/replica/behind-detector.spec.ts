import { describe, expect, it } from '@jest/globals';
import {
  enterRoundBehind,
  forsake,
  initialBehindState,
  isBehind,
  isStill,
  nobodyIsAhead,
  tickBehind,
  type BehindState,
  type Surroundings,
} from './behind-detector.js';

const PATIENCE = 4;
const alone: Surroundings = { round: 3, roots: [], peerRounds: [] };
const initial = (): BehindState => initialBehindState(PATIENCE);

function afterTicks(
  count: number,
  { state = initial(), hasLanes = true, isBesideOthers = true, isReceiving = false } = {},
): BehindState {
  let after = state;
  for (let index = 0; index < count; index += 1) after = tickBehind(after, { isBesideOthers, isReceiving, hasLanes });
  return after;
}

/** Ticks until it is behind; Infinity where it never is. */
function ticksUntilBehind(state: BehindState, surroundings: Surroundings, hasLanes = true): number {
  for (let count = 0; count < 1_000; count += 1)
    if (isBehind(afterTicks(count, { state, hasLanes }), surroundings)) return count;
  return Infinity;
}

describe('whether a replica has fallen behind', () => {
  it('is proved by two later roots, not by one that crossed ours', () => {
    expect(isBehind(initial(), { ...alone, roots: [4] })).toBe(false);
    expect(isBehind(initial(), { ...alone, roots: [4, 5] })).toBe(true);
  });

  it('is not proved by roots that nobody alive knew of', () => {
    const forsaken = forsake(initial(), [4, 5]);
    expect(isBehind(forsaken, { ...alone, roots: [4, 5, 6] })).toBe(false);
    expect(isBehind(forsaken, { ...alone, roots: [4, 5, 6, 7] })).toBe(true);
    expect(forsake(forsaken, []).forsakenUntil).toBe(5);
  });

  it('shows in the want of a lane beside others, for as long as the patience is', () => {
    expect(ticksUntilBehind(initial(), alone, false)).toBe(PATIENCE);
    expect(ticksUntilBehind(initial(), alone, true)).toBe(Infinity);
    expect(isBehind(afterTicks(100, { hasLanes: false, isBesideOthers: false }), alone)).toBe(false);
  });

  it('is asked for half as often each time that nobody was ahead, until the next round', () => {
    let state = initial();
    const waits = [0, 1, 2].map(() => {
      const ticks = ticksUntilBehind(state, alone, false);
      state = enterRoundBehind(nobodyIsAhead(state), true);
      return ticks;
    });
    expect(waits).toEqual([PATIENCE, 2 * PATIENCE, 4 * PATIENCE]);
    expect(ticksUntilBehind(enterRoundBehind(state, false), alone, false)).toBe(PATIENCE);
  });

  it('is certain after some patience where another is two rounds ahead, and takes longer where it is one', () => {
    expect(ticksUntilBehind(initial(), { ...alone, peerRounds: [null, 5] })).toBe(PATIENCE);
    expect(ticksUntilBehind(initial(), { ...alone, peerRounds: [4] })).toBe(4 * 2 * PATIENCE);
    expect(ticksUntilBehind(initial(), { ...alone, peerRounds: [3, 2] })).toBe(Infinity);
  });

  it('takes longer still after a round that took long', () => {
    const state = enterRoundBehind(afterTicks(10), false);
    expect(ticksUntilBehind(state, { ...alone, peerRounds: [4] })).toBe(4 * (10 + 2 * PATIENCE));
  });

  it('is not shown by a slow line: as long as something comes in, only later roots prove it', () => {
    const isReceiving = true;
    const slow = afterTicks(1_000, { hasLanes: false, isReceiving });
    expect(isBehind(slow, { ...alone, peerRounds: [5] })).toBe(false);
    expect(isBehind(slow, { ...alone, roots: [4, 5] })).toBe(true);
    const driving = afterTicks(1_000, { isReceiving });
    expect(ticksUntilBehind(driving, { ...alone, peerRounds: [5] })).toBe(PATIENCE);
    expect(ticksUntilBehind(slow, alone, false)).toBe(PATIENCE);
  });

  it('makes it say where it stands once in a patience', () => {
    const says = Array.from({ length: 9 }, (_, index) => isStill(afterTicks(index + 1)));
    expect(says.flatMap((isSaid, index) => (isSaid ? [index + 1] : []))).toEqual([4, 8]);
  });
});
