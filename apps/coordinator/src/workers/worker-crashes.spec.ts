import { describe, expect, it } from '@jest/globals';
import { heartbeat } from '#contracts/testing';
import { WorkerCrashes } from './worker-crashes.js';

describe('WorkerCrashes', () => {
  it('counts ends without a goodbye by the name that restarts share, for ten minutes', () => {
    const crashes = new WorkerCrashes();
    const none = new Set<string>();
    for (let restart = 1; restart <= 3; restart += 1) {
      const workerId = restart === 1 ? 'worker-1' : `worker-1.${restart}`;
      crashes.observe([heartbeat({ workerId, pid: restart })], none, restart * 1_000);
    }
    // The same name again, as a container has it.
    crashes.observe([heartbeat({ workerId: 'fixed', pid: 7 })], none, 4_000);
    crashes.observe([heartbeat({ workerId: 'fixed', pid: 8 })], none, 5_000);
    expect([...crashes.counts]).toEqual([
      ['worker-1', 3],
      ['fixed', 1],
    ]);
    crashes.observe([], new Set(['fixed']), 6_000);
    expect(crashes.counts.get('fixed')).toBe(1);
    crashes.observe([], none, 700_000);
    expect([...crashes.counts]).toEqual([]);
  });

  it('counts workers that draw their ids by their host', () => {
    const crashes = new WorkerCrashes();
    for (const pid of [11, 12, 13]) {
      crashes.observe([heartbeat({ workerId: `box-${pid}-ab12`, host: 'box', pid })], new Set(), pid);
    }
    expect([...crashes.counts]).toEqual([['box', 2]]);
  });
});
