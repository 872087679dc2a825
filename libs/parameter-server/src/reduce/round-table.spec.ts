import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { laneTree } from './lane-tree.js';
import { RoundTable, type RangePush, type RootDelivery } from './round-table.js';

/** Values are names of sums, so that a test can read what was added in which order. */
function table(lanes = 2): { rounds: RoundTable<string, string>; dropped: string[]; push: PushLane } {
  const dropped: string[] = [];
  const rounds = new RoundTable<string, string>(laneTree(lanes), {
    add: (left, right) => `(${left}+${right})`,
    drop: (value) => dropped.push(value),
  });
  const push: PushLane = (participant, round, lane, overrides = {}) =>
    rounds.push(participant, {
      round,
      node: { lo: lane, hi: lane + 1 },
      length: 10,
      lo: 0,
      hi: 10,
      format: 'fp32',
      value: `${lane}`,
      ...overrides,
    });
  return { rounds, dropped, push };
}
type PushLane = (
  participant: string,
  round: number,
  lane: number,
  overrides?: Partial<RangePush<string>>,
) => RootDelivery<string, string> | null;

describe('RoundTable', () => {
  it('delivers a root to all who follow, once it is complete', () => {
    const { rounds, push } = table();
    rounds.follow('a', 0);
    rounds.follow('b', 0);
    rounds.follow('later', 1);
    expect(push('a', 0, 1)).toBeNull();
    expect(push('b', 0, 0)).toMatchObject({ round: 0, value: '(0+1)', to: ['a', 'b'] });
  });

  it('answers a push to a complete range to its pusher only', () => {
    const { rounds, push, dropped } = table();
    rounds.follow('a', 0);
    push('a', 0, 0);
    push('a', 0, 1);
    expect(push('c', 0, 1)).toMatchObject({ value: '(0+1)', to: ['c'] });
    expect(dropped).toEqual(['1']);
  });

  it('keeps ranges of a round apart', () => {
    const { push } = table();
    push('a', 0, 0, { hi: 5 });
    expect(push('b', 0, 1, { lo: 5 })).toBeNull();
    expect(push('b', 0, 1, { hi: 5 })).toBeNull();
  });

  it('sends roots that are kept to one who follows later, and again only when asked again', () => {
    const { rounds, push } = table();
    for (const round of [0, 1, 2]) for (const lane of [0, 1]) push('a', round, lane);
    expect(rounds.follow('b', 1).map(({ round }) => round)).toEqual([1, 2]);
    expect(rounds.follow('b', 2)).toEqual([]);
    expect(rounds.follow('b', 2).map(({ round }) => round)).toEqual([2]);
    expect(rounds.follow('b', 1).map(({ round }) => round)).toEqual([1, 2]);
  });

  it('keeps the four rounds touched last and forgets the rest', () => {
    const { rounds, push, dropped } = table();
    for (const round of [0, 1, 2, 3]) push('a', round, 0);
    push('a', 0, 0);
    push('a', 4, 0);
    expect(rounds.rounds).toEqual([2, 3, 0, 4]);
    rounds.clear();
    expect(rounds.rounds).toEqual([]);
    // Six pushes, all given back.
    expect(dropped).toHaveLength(6);
  });

  it('refuses what cannot be summed, says why and gives the value back', () => {
    const { push, dropped } = table();
    push('a', 0, 0);
    const bad: readonly (readonly [Partial<RangePush<string>>, RegExp])[] = [
      [{ node: { lo: 0, hi: 3 } }, /no node of the tree of 2 lanes/],
      [{ hi: 11 }, /does not lie in a vector of 10/],
      [{ lo: 5, hi: 5 }, /does not lie/],
      [{ length: 12 }, /has 12 elements, others pushed 10/],
      [{ hi: 9 }, /was pushed as \[0, 10\) of fp32 before/],
      [{ format: 'bf16' }, /of bf16 was pushed as \[0, 10\) of fp32 before/],
    ];
    for (const [overrides, message] of bad) {
      expect(() => push('b', 0, 1, overrides)).toThrow(RefusedInputError);
      expect(() => push('b', 0, 1, overrides)).toThrow(message);
    }
    expect(dropped).toHaveLength(bad.length * 2);
  });

  it('forgets a participant but not what it pushed', () => {
    const { rounds, push } = table();
    rounds.follow('a', 0);
    push('a', 0, 0);
    rounds.forget('a');
    rounds.follow('b', 0);
    expect(push('b', 0, 1)).toMatchObject({ to: ['b'] });
  });
});
