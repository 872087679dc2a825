import { describe, expect, it } from '@jest/globals';
import { randomStream, type WorkerPace } from '#contracts';
import { workerPace } from '../testing/worker-pace.js';
import { shareLanes } from './share-lanes.js';

const sharesOf = (paces: readonly WorkerPace[]): number[] | null =>
  shareLanes(paces)?.map(({ lanes }) => lanes) ?? null;

describe('lanes by measured speed', () => {
  it('go from a slow worker to faster ones, in proportion', () => {
    expect(sharesOf([workerPace('a', 4, 100), workerPace('b', 4, 300)])).toEqual([6, 2]);
    expect(sharesOf([workerPace('a', 2, 100), workerPace('b', 2, 300)])).toEqual([3, 1]);
    expect(sharesOf([workerPace('a', 4, 100), workerPace('b', 4, 100), workerPace('c', 4, 400)])).toEqual([6, 5, 1]);
  });

  it('stay where workers are even, whatever remains of the division', () => {
    expect(sharesOf([workerPace('a', 4, 100), workerPace('b', 4, 100)])).toBeNull();
    expect(sharesOf([workerPace('a', 2, 100), workerPace('b', 1, 100), workerPace('c', 1, 100)])).toBeNull();
    expect(sharesOf([workerPace('a', 2, 105), workerPace('b', 1, 100), workerPace('c', 1, 100)])).toBeNull();
    expect(sharesOf([workerPace('a', 4, 100)])).toBeNull();
  });

  it('stay until all workers have been timed for some steps', () => {
    expect(sharesOf([{ ...workerPace('a', 2, 100), steps: 4 }, workerPace('b', 2, 300)])).toBeNull();
  });

  it('leave everybody one, and stay with a slow worker that has only that', () => {
    expect(sharesOf([workerPace('a', 2, 100), workerPace('b', 2, 9_000)])).toEqual([3, 1]);
    expect(sharesOf([workerPace('a', 3, 100), workerPace('b', 1, 9_000)])).toBeNull();
  });

  it('count turns of the engines: a lane beside another one costs nothing', () => {
    const fourAtOnce = workerPace('a', 2, 100, { engines: 4 });
    expect(sharesOf([fourAtOnce, workerPace('b', 2, 100)])).toEqual([3, 1]);
    const twoAtOnce = [workerPace('a', 4, 100, { engines: 2 }), workerPace('b', 4, 300, { engines: 2 })];
    expect(sharesOf(twoAtOnce)).toEqual([6, 2]);
  });

  it('do not move for what the line takes, nor for what was not so in every one of the last steps', () => {
    expect(sharesOf([workerPace('a', 2, 10), workerPace('b', 2, 10, { restMs: 900 })])).toBeNull();
    const now = { least: 100, median: 300, most: 320 };
    expect(sharesOf([workerPace('a', 2, 100), { ...workerPace('b', 2, 0), turnMs: now }])).toBeNull();
    const then = { least: 90, median: 100, most: 300 };
    expect(sharesOf([{ ...workerPace('a', 2, 0), turnMs: then }, workerPace('b', 2, 300)])).toBeNull();
  });

  it('go back once the slow worker is as fast as the others', () => {
    expect(sharesOf([workerPace('a', 3, 100), workerPace('b', 1, 100)])).toEqual([2, 2]);
    expect(sharesOf([workerPace('a', 6, 100), workerPace('b', 2, 300)])).toBeNull();
  });

  it('do not move to and fro on a machine with much else to do', () => {
    const random = randomStream(1);
    const windowOf = (turnMs: number): number[] =>
      Array.from({ length: 5 }, () => turnMs * (1 + random.nextFloat() * 0.4)).sort((left, right) => left - right);
    let paces = [workerPace('a', 4, 100), workerPace('b', 4, 100), workerPace('c', 4, 300)];
    let numMoves = 0;
    for (let look = 0; look < 1_000; look += 1) {
      paces = paces.map((pace) => {
        const [least = 0, , median = 0, , most = 0] = windowOf(pace.workerId === 'c' ? 300 : 100);
        return { ...pace, turnMs: { least, median, most } };
      });
      const shares = shareLanes(paces);
      if (shares === null) continue;
      numMoves += 1;
      paces = paces.map((pace) => ({
        ...pace,
        lanes: shares.find((one) => one.workerId === pace.workerId)?.lanes ?? 0,
      }));
    }
    expect(numMoves).toBeLessThanOrEqual(2);
    expect(paces.map(({ lanes }) => lanes).at(-1)).toBeLessThan(3);
  });
});
