import { describe, expect, it } from '@jest/globals';
import type { WorkerHeartbeat } from '#contracts';
import { heartbeat } from '../testing/heartbeat.js';
import { WorkerWatch } from './worker-watch.js';

const ids = (watch: WorkerWatch): string[] => watch.alive().map(({ workerId }) => workerId);
const beat = (workerId: string, at: number): WorkerHeartbeat => heartbeat({ workerId, at });

describe('WorkerWatch', () => {
  it('takes a worker for gone once its heartbeat has stood still for its time to live', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe([beat('a', 1)], 0);
    watch.observe([beat('a', 1)], 4_999);
    expect(ids(watch)).toEqual(['a']);
    watch.observe([beat('a', 1)], 5_000);
    expect(ids(watch)).toEqual([]);
  });

  it('does not take the last word of a dead worker for a new one', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe([beat('a', 1)], 0);
    watch.observe([beat('a', 1)], 6_000);
    watch.observe([beat('a', 1)], 6_100);
    expect(ids(watch)).toEqual([]);
    watch.observe([beat('a', 2)], 6_200);
    expect(ids(watch)).toEqual(['a']);
  });

  it('thinks nothing of an absent heartbeat when Redis may have been emptied', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe([beat('a', 1)], 0);
    watch.observe([], 4_000, () => undefined);
    expect(ids(watch)).toEqual(['a']);
    // Written again after the flush, before the worker has beaten again.
    watch.observe([], 4_100, () => 4_050);
    expect(ids(watch)).toEqual(['a']);
  });

  it('notices a goodbye at once when Redis has kept all else', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe([beat('a', 1)], 100);
    watch.observe([], 200, () => 50);
    expect(ids(watch)).toEqual([]);
  });

  it('judges nobody while it cannot see, nor for a time to live after', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe([beat('a', 1)], 0);
    watch.lostSight(60_000);
    expect(watch.canJudgeDeaths(60_000)).toBe(false);
    watch.observe([], 61_000);
    expect(ids(watch)).toEqual(['a']);
    expect(watch.canJudgeDeaths(65_999)).toBe(false);
    watch.observe([], 66_000);
    expect(ids(watch)).toEqual([]);
  });
});
