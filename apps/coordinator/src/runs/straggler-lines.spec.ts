import { describe, expect, it } from '@jest/globals';
import { workerTimes } from '../testing/worker-times.js';
import { stragglerLines } from './straggler-lines.js';

describe('what the journal says of stragglers', () => {
  const even = [workerTimes('a', 2, 100), workerTimes('b', 2, 100)];
  const slowness = { phase: 'compute', ms: 620, othersMs: 200, sinceStep: 41 } as const;
  const slow = [workerTimes('a', 2, 100), { ...workerTimes('b', 2, 620), slowness }];

  it('is who has become slow, and why, and who keeps up again', () => {
    expect(stragglerLines(even, slow, 7)).toEqual([
      {
        at: 7,
        level: 'warning',
        topic: 'straggler',
        message: "b is slow: computing takes 3.1 x the others' (620 ms, theirs 200 ms, since step 41)",
      },
    ]);
    expect(stragglerLines(slow, even, 8)).toMatchObject([{ level: 'info', message: 'b keeps up again' }]);
  });

  it('is nothing while nothing changes', () => {
    expect([
      ...stragglerLines(even, even, 1),
      ...stragglerLines(slow, slow, 1),
      ...stragglerLines(slow, even.slice(0, 1), 1),
    ]).toEqual([]);
  });

  it('has no figure that nobody can believe', () => {
    const waiting = { phase: 'data', ms: 900, othersMs: 0, sinceStep: 2 } as const;
    const [line] = stragglerLines([], [{ ...workerTimes('b', 2, 620), slowness: waiting }], 1);
    expect(line?.message).toContain("waiting for data takes more than 100 x the others'");
  });
});
