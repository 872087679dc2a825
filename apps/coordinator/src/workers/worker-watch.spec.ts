import { describe, expect, it } from '@jest/globals';
import type { WorkerHeartbeat } from '#contracts';
import { heartbeat } from '#contracts/testing';
import type { WorkersHeard } from '#queue';
import { WorkerWatch } from './worker-watch.js';

const ids = (watch: WorkerWatch): string[] => watch.alive().map(({ workerId }) => workerId);
const heard = (heartbeats: WorkerHeartbeat[], gone: string[] = []): WorkersHeard => ({
  heartbeats,
  gone: new Set(gone),
  notUnderstood: [],
});
const beat = (workerId: string, at: number): WorkerHeartbeat => heartbeat({ workerId, at });

describe('WorkerWatch', () => {
  it('takes a worker for gone once its heartbeat has stood still for its time to live', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe(heard([beat('a', 1)]), 0);
    watch.observe(heard([beat('a', 1)]), 4_999);
    expect(ids(watch)).toEqual(['a']);
    watch.observe(heard([beat('a', 1)]), 5_000);
    expect(ids(watch)).toEqual([]);
  });

  it('does not take the last word of a dead worker for a new one', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe(heard([beat('a', 1)]), 0);
    watch.observe(heard([beat('a', 1)]), 6_000);
    watch.observe(heard([beat('a', 1)]), 6_100);
    expect(ids(watch)).toEqual([]);
    watch.observe(heard([beat('a', 2)]), 6_200);
    expect(ids(watch)).toEqual(['a']);
  });

  it('thinks nothing of an absent heartbeat: Redis may have been emptied, or its clock set', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe(heard([beat('a', 1)]), 0);
    watch.observe(heard([]), 4_000);
    expect(ids(watch)).toEqual(['a']);
    watch.observe(heard([]), 5_000);
    expect(ids(watch)).toEqual([]);
  });

  it('notices a goodbye at once, and that the worker is back', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe(heard([beat('a', 1)]), 100);
    watch.observe(heard([], ['a']), 200);
    expect(ids(watch)).toEqual([]);
    watch.observe(heard([beat('a', 2)]), 300);
    expect(ids(watch)).toEqual(['a']);
  });

  it('judges nobody while it cannot see, nor for a time to live after', () => {
    const watch = new WorkerWatch(5_000);
    watch.observe(heard([beat('a', 1)]), 0);
    watch.lostSight(60_000);
    expect(watch.canJudgeDeaths(60_000)).toBe(false);
    watch.observe(heard([]), 61_000);
    expect(ids(watch)).toEqual(['a']);
    expect(watch.canJudgeDeaths(65_999)).toBe(false);
    watch.observe(heard([]), 66_000);
    expect(ids(watch)).toEqual([]);
  });
});
