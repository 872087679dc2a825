import { describe, expect, it } from '@jest/globals';
import { randomStream, type WorkerTimes } from '#contracts';
import { workerTimes } from '../testing/worker-times.js';
import { shareLanes } from './share-lanes.js';

const sharesOf = (workers: readonly WorkerTimes[]): number[] | null =>
  shareLanes(workers)?.map(({ lanes }) => lanes) ?? null;

describe('lanes by measured speed', () => {
  it('go from a slow worker to faster ones, in proportion', () => {
    expect(sharesOf([workerTimes('a', 4, 100), workerTimes('b', 4, 300)])).toEqual([6, 2]);
    expect(sharesOf([workerTimes('a', 2, 100), workerTimes('b', 2, 300)])).toEqual([3, 1]);
    expect(sharesOf([workerTimes('a', 4, 100), workerTimes('b', 4, 100), workerTimes('c', 4, 400)])).toEqual([6, 5, 1]);
  });

  it('stay where workers are even, whatever remains of the division', () => {
    expect(sharesOf([workerTimes('a', 4, 100), workerTimes('b', 4, 100)])).toBeNull();
    expect(sharesOf([workerTimes('a', 2, 100), workerTimes('b', 1, 100), workerTimes('c', 1, 100)])).toBeNull();
    expect(sharesOf([workerTimes('a', 2, 105), workerTimes('b', 1, 100), workerTimes('c', 1, 100)])).toBeNull();
    expect(sharesOf([workerTimes('a', 4, 100)])).toBeNull();
  });

  it('stay until all workers have been timed for some steps', () => {
    expect(sharesOf([{ ...workerTimes('a', 2, 100), steps: 4 }, workerTimes('b', 2, 300)])).toBeNull();
  });

  it('leave everybody one, and stay with a slow worker that has only that', () => {
    expect(sharesOf([workerTimes('a', 2, 100), workerTimes('b', 2, 9_000)])).toEqual([3, 1]);
    expect(sharesOf([workerTimes('a', 3, 100), workerTimes('b', 1, 9_000)])).toBeNull();
  });

  it('count turns of the engines: a lane beside another one costs nothing', () => {
    const fourAtOnce = workerTimes('a', 2, 100, { engines: 4 });
    expect(sharesOf([fourAtOnce, workerTimes('b', 2, 100)])).toEqual([3, 1]);
    const twoAtOnce = [workerTimes('a', 4, 100, { engines: 2 }), workerTimes('b', 4, 300, { engines: 2 })];
    expect(sharesOf(twoAtOnce)).toEqual([6, 2]);
  });

  it('do not move for what the line takes, nor for what was not so in every one of the last steps', () => {
    expect(sharesOf([workerTimes('a', 2, 10), workerTimes('b', 2, 10, { restMs: 900 })])).toBeNull();
    const now = { least: 100, median: 300, most: 320 };
    expect(sharesOf([workerTimes('a', 2, 100), { ...workerTimes('b', 2, 0), turnMs: now }])).toBeNull();
    const then = { least: 90, median: 100, most: 300 };
    expect(sharesOf([{ ...workerTimes('a', 2, 0), turnMs: then }, workerTimes('b', 2, 300)])).toBeNull();
  });

  it('go back once the slow worker is as fast as the others', () => {
    expect(sharesOf([workerTimes('a', 3, 100), workerTimes('b', 1, 100)])).toEqual([2, 2]);
    expect(sharesOf([workerTimes('a', 6, 100), workerTimes('b', 2, 300)])).toBeNull();
  });

  it('do not move to and fro on a machine with much else to do', () => {
    const random = randomStream(1);
    const windowOf = (turnMs: number): number[] =>
      Array.from({ length: 5 }, () => turnMs * (1 + random.nextFloat() * 0.4)).sort((left, right) => left - right);
    let workers = [workerTimes('a', 4, 100), workerTimes('b', 4, 100), workerTimes('c', 4, 300)];
    let numMoves = 0;
    for (let look = 0; look < 1_000; look += 1) {
      workers = workers.map((worker) => {
        const [least = 0, , median = 0, , most = 0] = windowOf(worker.workerId === 'c' ? 300 : 100);
        return { ...worker, turnMs: { least, median, most } };
      });
      const shares = shareLanes(workers);
      if (shares === null) continue;
      numMoves += 1;
      workers = workers.map((worker) => ({
        ...worker,
        lanes: shares.find((one) => one.workerId === worker.workerId)?.lanes ?? 0,
      }));
    }
    expect(numMoves).toBeLessThanOrEqual(2);
    expect(workers.map(({ lanes }) => lanes).at(-1)).toBeLessThan(3);
  });
});
