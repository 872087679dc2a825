import { describe, expect, it } from '@jest/globals';
import { describeLanes, laneRows, rememberWorkers } from './lane-rows.js';

describe('lane rows', () => {
  it('has a row per worker in order of appearance and one for lanes without a worker', () => {
    const owners = [
      { lane: 0, workerId: 'b' },
      { lane: 1, workerId: null },
      { lane: 2, workerId: 'a' },
    ];
    const rows = laneRows(owners, ['a', 'b', 'c'], ['b']);
    expect(rows.map((row) => [row.workerId, row.lanes])).toEqual([
      ['b', [0]],
      ['a', [2]],
      ['c', []],
      [null, [1]],
    ]);
  });

  it('keeps the last three workers that left, and their order', () => {
    const rows = laneRows([{ lane: 0, workerId: 'e' }], ['e'], ['a', 'b', 'c', 'd', 'e']);
    expect(rows.map((row) => [row.workerId, row.isPresent])).toEqual([
      ['b', false],
      ['c', false],
      ['d', false],
      ['e', true],
      [null, true],
    ]);
  });

  it('remembers without forgetting, and answers the same list when nobody is new', () => {
    const seen = ['b'];
    expect(rememberWorkers(seen, ['b'])).toBe(seen);
    expect(rememberWorkers(seen, ['c', 'a'])).toEqual(['b', 'a', 'c']);
  });

  it('writes lanes as ranges', () => {
    expect(describeLanes([3, 0, 1, 2, 7])).toBe('0–3, 7');
    expect(describeLanes([])).toBe('');
  });
});
