import { describe, expect, it } from '@jest/globals';
import type { RoundTimes } from '#contracts';
import { RoundTimesTable } from './round-times-table.js';

const times: RoundTimes = { lanes: 2, engines: 1, dataMs: 1, computeMs: 20, updateMs: 3 };
const word = (workerId: string, round: number): { workerId: string; round: number; times: RoundTimes } => ({
  workerId,
  round,
  times,
});

describe('RoundTimesTable', () => {
  it('tells a round, counted from the root before it, once a later one begins', () => {
    const table = new RoundTimesTable();
    table.rootSent(4, 1_000);
    expect(table.handedIn(word('a', 5), 1_030)).toBeNull();
    expect(table.handedIn(word('b', 5), 1_100)).toBeNull();
    table.rootSent(5, 1_101);
    expect(table.handedIn(word('a', 6), 1_131)).toEqual({
      round: 5,
      participants: [
        { workerId: 'a', ...times, arrivedMs: 30 },
        { workerId: 'b', ...times, arrivedMs: 100 },
      ],
    });
  });

  it('does not know when a round began whose root before it came from elsewhere', () => {
    const table = new RoundTimesTable();
    table.rootSent(3, 1_000);
    table.handedIn(word('a', 5), 1_030);
    expect(table.handedIn(word('a', 6), 1_060)?.participants[0]?.arrivedMs).toBeNull();
  });

  it('knows when a round began whose root goes out before the first word on it is in', () => {
    const table = new RoundTimesTable();
    table.rootSent(4, 1_000);
    table.rootSent(5, 1_040);
    table.handedIn(word('a', 5), 1_050);
    expect(table.handedIn(word('a', 6), 1_090)?.participants).toMatchObject([{ workerId: 'a', arrivedMs: 50 }]);
  });

  it('takes the last word of a round, and none of a round that is over', () => {
    const table = new RoundTimesTable();
    table.rootSent(4, 0);
    table.handedIn(word('a', 5), 10);
    table.handedIn(word('a', 5), 25);
    expect(table.handedIn(word('b', 4), 26)).toBeNull();
    // The last range of a root counts, an older root sent again does not.
    table.rootSent(5, 30);
    table.rootSent(5, 32);
    table.rootSent(4, 40);
    expect(table.handedIn(word('a', 6), 50)?.participants).toMatchObject([{ workerId: 'a', arrivedMs: 25 }]);
    expect(table.handedIn(word('a', 7), 60)?.participants).toMatchObject([{ workerId: 'a', arrivedMs: 18 }]);
  });
});
