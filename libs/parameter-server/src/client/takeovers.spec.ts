import { describe, expect, it } from '@jest/globals';
import { takeoversOf } from './takeovers.js';

const entries = (isJoined: readonly boolean[]): [number, readonly number[]][] => [...takeoversOf(isJoined)];

describe('takeoversOf', () => {
  it('gives the range of a server that is away to the next one in the ring', () => {
    expect(entries([true, true, true])).toEqual([
      [0, []],
      [1, []],
      [2, []],
    ]);
    expect(entries([true, false, true])).toEqual([
      [0, []],
      [2, [1]],
    ]);
    expect(entries([false, false, true])).toEqual([[2, [0, 1]]]);
    expect(entries([true, false, false])).toEqual([[0, [1, 2]]]);
  });

  it('has nobody to give it to where no server is joined', () => {
    expect(entries([false, false])).toEqual([]);
  });
});
