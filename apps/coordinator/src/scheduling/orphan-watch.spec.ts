import { describe, expect, it } from '@jest/globals';
import type { WorkerHeartbeat } from '#contracts';
import type { LiveRun } from '../runs/live-run.js';
import { heartbeat } from '#contracts/testing';
import { runRecord } from '../testing/run-record.js';
import { ORPHANED_AFTER_MS, OrphanWatch } from './orphan-watch.js';

const record = runRecord({ incarnation: 2, state: 'running' });
const run = { record } as LiveRun;
const ALL = Array.from({ length: record.spec.lanes }, (_, lane) => lane);

function ready(lanes: readonly number[], round: number | null = 7): WorkerHeartbeat {
  return heartbeat({ runId: record.id, incarnation: 2, status: 'ready', round, lanes: [...lanes] });
}

describe('OrphanWatch', () => {
  it('tells of lanes that nobody has driven for a while, and again after as long', () => {
    const watch = new OrphanWatch();
    const workers = [ready(ALL.slice(1))];
    expect(watch.observe(run, workers, 0)).toBeNull();
    expect(watch.observe(run, workers, ORPHANED_AFTER_MS - 1)).toBeNull();
    expect(watch.observe(run, workers, ORPHANED_AFTER_MS)).toEqual({ round: 7, lanes: [0] });
    expect(watch.observe(run, workers, ORPHANED_AFTER_MS + 1)).toBeNull();
    expect(watch.observe(run, workers, 2 * ORPHANED_AFTER_MS)).toEqual({ round: 7, lanes: [0] });
  });

  it('says nothing while the run gets on, while all lanes are driven, and while nobody is ready', () => {
    const watch = new OrphanWatch();
    for (let round = 0; round < 5; round += 1)
      expect(watch.observe(run, [ready([], round)], round * ORPHANED_AFTER_MS)).toBeNull();
    for (const workers of [[ready(ALL)], [], [ready([], null)]])
      for (const now of [0, 1e6]) expect(watch.observe(run, workers, now)).toBeNull();
  });
});
