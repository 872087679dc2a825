import { describe, expect, it } from '@jest/globals';
import type { WorkerHeartbeat } from '#contracts';
import { heartbeat } from '#contracts/testing';
import { workerTimes } from '../testing/worker-times.js';
import { schedule, type Schedule } from './schedule.js';
import { refusalKey, STATE_LOST_AFTER_MS, type ScheduleInput, type SchedulableRun } from './schedule-input.js';

const NOW = 100_000;

function run(id: string, changes: Partial<SchedulableRun> = {}): SchedulableRun {
  return {
    id,
    name: id,
    state: 'pending',
    incarnation: 0,
    isIncarnationOver: false,
    lanes: 4,
    minWorkers: 1,
    maxWorkers: 256,
    fingerprint: null,
    bits: 'exact',
    precision: 'fp32',
    mixedDevices: false,
    assigned: [],
    hasProgress: false,
    lastSignAt: NOW,
    stragglerReport: [],
    shares: [],
    pausingSince: null,
    ...changes,
  };
}

const running = (id: string, workers: readonly string[], changes: Partial<SchedulableRun> = {}): SchedulableRun =>
  run(id, {
    state: 'running',
    incarnation: 1,
    fingerprint: 'f',
    hasProgress: true,
    assigned: workers.map((workerId) => ({ workerId, coldStart: false })),
    ...changes,
  });

const idle = (workerId: string, changes: Partial<WorkerHeartbeat> = {}): WorkerHeartbeat =>
  heartbeat({ workerId, ...changes });
const serving = (workerId: string, runId: string, changes: Partial<WorkerHeartbeat> = {}): WorkerHeartbeat =>
  heartbeat({ workerId, runId, incarnation: 1, status: 'ready', round: 7, ...changes });

function decide(input: Partial<ScheduleInput>): Schedule {
  return schedule({ runs: [], workers: [], canJudgeDeaths: true, refusals: new Map(), now: NOW, ...input });
}

describe('schedule', () => {
  it('gives the oldest run as many workers as it has lanes, and the next what is left', () => {
    const workers = ['a', 'b', 'c', 'd', 'e'].map((id) => idle(id));
    expect(decide({ runs: [run('r1'), run('r2')], workers }).decisions).toEqual([
      { runId: 'r1', kind: 'start', workers: ['a', 'b', 'c', 'd'], fingerprint: 'f', why: 'first' },
      { runId: 'r2', kind: 'start', workers: ['e'], fingerprint: 'f', why: 'first' },
    ]);
  });

  it('gives no more than the run asks for', () => {
    const { decisions, workerReasons } = decide({
      runs: [run('r1', { maxWorkers: 1 })],
      workers: [idle('a'), idle('b')],
    });
    expect(decisions).toEqual([{ runId: 'r1', kind: 'start', workers: ['a'], fingerprint: 'f', why: 'first' }]);
    expect(workerReasons.get('b')).toContain('has the 1 it can use');
  });

  it('keeps the workers that an older run waits for from a younger one', () => {
    const { decisions, workerReasons } = decide({
      runs: [run('r1', { minWorkers: 2 }), run('r2')],
      workers: [idle('a')],
    });
    expect(decisions).toEqual([
      { runId: 'r1', kind: 'wait', reason: 'waits for 2 workers, 1 free' },
      { runId: 'r2', kind: 'wait', reason: 'queued behind r1 (r1)' },
    ]);
    expect(workerReasons.get('a')).toBe('kept for run r1, which needs 2 workers');
  });

  it('says why a run waits', () => {
    const reasonOf = (input: Partial<ScheduleInput>): unknown => decide(input).decisions.at(-1);
    expect(reasonOf({ runs: [run('r1')] })).toMatchObject({ reason: 'no worker is alive' });
    const busy = { runs: [running('r1', ['a']), run('r2')], workers: [serving('a', 'r1')] };
    expect(reasonOf(busy)).toMatchObject({ reason: 'waits for 1 worker, 0 free; queued behind r1 (r1)' });
    const other = { runs: [run('r1', { fingerprint: 'g' })], workers: [idle('a')] };
    expect(reasonOf(other)).toMatchObject({
      reason: 'waits for 1 worker, 0 free; 1 alive compute with another fingerprint than g',
    });
  });

  it('starts a run on the most common fingerprint and keeps the others waiting', () => {
    const workers = [idle('a', { fingerprint: 'x' }), idle('b', { fingerprint: 'y' }), idle('c', { fingerprint: 'y' })];
    const first = decide({ runs: [run('r1')], workers });
    expect(first.decisions).toEqual([
      { runId: 'r1', kind: 'start', workers: ['b', 'c'], fingerprint: 'y', why: 'first' },
    ]);
    const later = decide({
      runs: [running('r1', ['b', 'c'], { fingerprint: 'y' })],
      workers: [workers[0] ?? idle('a'), serving('b', 'r1'), serving('c', 'r1')],
    });
    expect(later.decisions).toEqual([]);
    expect(later.workerReasons.get('a')).toContain('computes with fingerprint y');
  });

  it('begins a run of fast bits on GPUs with their fast fingerprint, and keeps exact bits from it', () => {
    const workers = [idle('a', { fingerprint: 'gpu/exact' }), idle('b', { fingerprint: 'cpu' })];
    const fast = { bits: 'fast' } as const;
    expect(decide({ runs: [run('r1', { ...fast, maxWorkers: 1 })], workers }).decisions).toMatchObject([
      { kind: 'start', workers: ['a'], fingerprint: 'gpu/fast' },
    ]);
    const begun = { runs: [run('r1', { ...fast, fingerprint: 'gpu/exact' })], workers: workers.slice(0, 1) };
    expect(decide(begun).decisions).toMatchObject([
      { kind: 'wait', reason: expect.stringContaining('another fingerprint than gpu/exact') },
    ]);
  });

  it('goes on with a run whose record says less of its GPUs', () => {
    const workers = [idle('a', { fingerprint: 'graph/H100/tf32/exact' }), idle('b', { fingerprint: 'graph/H1/exact' })];
    const old = run('r1', { fingerprint: 'graph/H100', incarnation: 1 });
    expect(decide({ runs: [old], workers }).decisions).toMatchObject([
      { kind: 'start', workers: ['a'], fingerprint: 'graph/H100' },
    ]);
  });

  it('names on a run that waits the workers that have no device, and why', () => {
    const reason = 'no GPU can be used: nvidia-smi hangs';
    const workers = [idle('a', { status: 'refused', reason }), idle('b', { fingerprint: 'g' })];
    const waiting = { runs: [run('r1', { fingerprint: 'f' })], workers };
    expect(decide(waiting).decisions).toMatchObject([
      {
        kind: 'wait',
        reason: `waits for 1 worker, 0 free; 1 alive compute with another fingerprint than f; worker a has no device: ${reason}`,
      },
    ]);
  });

  it('lets workers of other fingerprints join a run that mixes devices, its own first', () => {
    const workers = [idle('a', { fingerprint: 'x' }), idle('b', { fingerprint: 'y' }), idle('c', { fingerprint: 'y' })];
    const mixed = { mixedDevices: true };
    expect(decide({ runs: [run('r1', mixed)], workers }).decisions).toEqual([
      { runId: 'r1', kind: 'start', workers: ['b', 'c', 'a'], fingerprint: 'y', why: 'first' },
    ]);
    const joining = decide({
      runs: [running('r1', ['b'], { ...mixed, fingerprint: 'y', maxWorkers: 2 })],
      workers: [
        idle('a', { fingerprint: 'x' }),
        serving('b', 'r1', { fingerprint: 'y' }),
        idle('c', { fingerprint: 'y' }),
      ],
    });
    expect(joining.decisions).toEqual([{ runId: 'r1', kind: 'change-workers', joined: ['c'], left: [] }]);
    expect(joining.workerReasons.get('a')).toBe('run r1 has the 2 it can use');
    // Its fingerprint stays what it was, also where none of it is left.
    const others = { runs: [run('r1', { ...mixed, fingerprint: 'y', incarnation: 1 })], workers: workers.slice(0, 1) };
    expect(decide(others).decisions).toMatchObject([{ kind: 'start', workers: ['a'], fingerprint: 'y' }]);
  });

  it('adds a newcomer, drops the dead, and leaves a complete run alone', () => {
    const joined = decide({ runs: [running('r1', ['a'])], workers: [serving('a', 'r1'), idle('b')] });
    expect(joined.decisions).toEqual([{ runId: 'r1', kind: 'change-workers', joined: ['b'], left: [] }]);
    const left = decide({ runs: [running('r1', ['a', 'b'])], workers: [serving('a', 'r1')] });
    expect(left.decisions).toEqual([{ runId: 'r1', kind: 'change-workers', joined: [], left: ['b'] }]);
    const blind = decide({ runs: [running('r1', ['a', 'b'])], workers: [serving('a', 'r1')], canJudgeDeaths: false });
    expect(blind.decisions).toEqual([]);
  });

  it('shares lanes out by speed where all workers are at work with the lanes given to them', () => {
    const workers = [serving('a', 'r1'), serving('b', 'r1')];
    const share = (
      stragglerReport: SchedulableRun['stragglerReport'],
      shares: SchedulableRun['shares'] = [],
    ): unknown => decide({ runs: [running('r1', ['a', 'b'], { stragglerReport, shares })], workers }).decisions[0];
    const slow = [workerTimes('a', 2, 100), workerTimes('b', 2, 300)];
    const moved = [
      { workerId: 'a', lanes: 3 },
      { workerId: 'b', lanes: 1 },
    ];
    expect(share(slow)).toEqual({ runId: 'r1', kind: 'share-lanes', shares: moved });
    // On their way, or from before one joined or left.
    expect(share(slow, moved)).toBeUndefined();
    expect(share(slow.slice(0, 1))).toBeUndefined();
    expect(share([workerTimes('a', 3, 100), workerTimes('b', 1, 300)], moved)).toBeUndefined();
    expect(share([workerTimes('a', 3, 100), workerTimes('b', 1, 100)], moved)).toMatchObject({ kind: 'share-lanes' });
  });

  it('replaces a worker that is leaving before it is gone', () => {
    const workers = [serving('a', 'r1', { status: 'leaving' }), idle('b')];
    const { decisions } = decide({ runs: [running('r1', ['a'], { maxWorkers: 1 })], workers });
    expect(decisions).toEqual([{ runId: 'r1', kind: 'change-workers', joined: ['b'], left: [] }]);
  });

  it('makes a run pending that lost all its workers, or begins anew with others', () => {
    expect(decide({ runs: [running('r1', ['a'])] }).decisions).toEqual([
      { runId: 'r1', kind: 'starve', reason: 'no worker is alive' },
    ]);
    expect(decide({ runs: [running('r1', ['a'])], canJudgeDeaths: false }).decisions).toEqual([]);
    expect(decide({ runs: [running('r1', ['a'])], workers: [idle('b')] }).decisions).toEqual([
      { runId: 'r1', kind: 'start', workers: ['b'], fingerprint: 'f', why: 'state-lost' },
    ]);
  });

  it('begins a new incarnation when those who wait for the state outlived all who had it', () => {
    const workers = [serving('b', 'r1', { status: 'waiting-for-state', round: null })];
    const lost = (lastSignAt: number): Schedule =>
      decide({ runs: [running('r1', ['a', 'b'], { lastSignAt })], workers });
    expect(lost(NOW - STATE_LOST_AFTER_MS).decisions).toEqual([
      { runId: 'r1', kind: 'start', workers: ['b'], fingerprint: 'f', why: 'state-lost' },
    ]);
    // A heartbeat may lag behind the first commit.
    expect(lost(NOW - 1_000).decisions).toEqual([{ runId: 'r1', kind: 'change-workers', joined: [], left: ['a'] }]);
  });

  it('gives a cold start all the time it needs, unless nobody alive was told to make one', () => {
    const workers = [serving('b', 'r1', { status: 'starting', round: null })];
    const cold = (coldStart: boolean): Schedule =>
      decide({
        runs: [running('r1', [], { hasProgress: false, lastSignAt: 0, assigned: [{ workerId: 'b', coldStart }] })],
        workers,
      });
    expect(cold(true).decisions).toEqual([]);
    expect(cold(false).decisions).toMatchObject([{ kind: 'start', why: 'state-lost' }]);
  });

  it('begins anew when a cold start waits for one that was ready before it and died before the first commit', () => {
    const assigned = ['a', 'b'].map((workerId) => ({ workerId, coldStart: true }));
    const waiting = serving('b', 'r1', { status: 'waiting-for-state', round: null });
    const cold = (workers: readonly WorkerHeartbeat[]): unknown =>
      decide({ runs: [running('r1', [], { hasProgress: false, lastSignAt: 0, assigned })], workers }).decisions;
    expect(cold([waiting])).toMatchObject([{ kind: 'start', workers: ['b'], why: 'state-lost' }]);
    expect(cold([waiting, serving('a', 'r1', { status: 'starting', round: null })])).toEqual([]);
  });

  it('takes over workers that were thought to be gone', () => {
    const workers = [serving('a', 'r1')];
    const starved = run('r1', { incarnation: 1, fingerprint: 'f', hasProgress: true });
    expect(decide({ runs: [starved], workers }).decisions).toEqual([
      { runId: 'r1', kind: 'take-over', workers: ['a'] },
    ]);
    const others = decide({ runs: [running('r1', ['b'])], workers: [...workers, serving('b', 'r1')] });
    expect(others.decisions).toEqual([{ runId: 'r1', kind: 'change-workers', joined: ['a'], left: [] }]);
  });

  it('begins anew with a worker that was hung while its run was given up, once it has no state to go on with', () => {
    const workers = [serving('a', 'r1', { status: 'waiting-for-state', round: null })];
    const starved = (lastSignAt: number): SchedulableRun => run('r1', { incarnation: 1, fingerprint: 'f', lastSignAt });
    const anew = { runId: 'r1', kind: 'start', workers: ['a'], fingerprint: 'f', why: 'resumed' };
    expect(decide({ runs: [starved(NOW - STATE_LOST_AFTER_MS)], workers }).decisions).toEqual([anew]);
    // Those who have the state may have been hung, too.
    expect(decide({ runs: [starved(NOW)], workers }).decisions).toMatchObject([{ kind: 'wait' }]);
    expect(decide({ runs: [run('r2'), starved(0)], workers }).decisions).toMatchObject([{ kind: 'wait' }, anew]);
  });

  it('begins anew with a worker that was hung while its run was paused and resumed', () => {
    const resumed = run('r1', { incarnation: 1, fingerprint: 'f', isIncarnationOver: true });
    const { decisions } = decide({ runs: [resumed], workers: [serving('a', 'r1')] });
    expect(decisions).toMatchObject([{ kind: 'start', workers: ['a'], why: 'resumed' }]);
    const leaving = serving('a', 'r1', { status: 'leaving' });
    expect(decide({ runs: [resumed], workers: [leaving] }).decisions).toMatchObject([{ kind: 'wait' }]);
  });

  it('takes a run from a worker that refuses it and does not offer it again', () => {
    const refusing = serving('a', 'r1', { status: 'refused' });
    const refusals = new Map([[refusalKey(refusing, 'r1'), 'other files']]);
    expect(decide({ runs: [running('r1', ['a'])], workers: [refusing], refusals }).decisions).toEqual([
      { runId: 'r1', kind: 'starve', reason: 'worker a refused it: other files' },
    ]);
    const after = decide({ runs: [run('r1')], workers: [idle('a')], refusals });
    expect(after.decisions).toEqual([{ runId: 'r1', kind: 'wait', reason: 'worker a refused it: other files' }]);
    expect(after.workerReasons.get('a')).toBe('refused run r1: other files');
  });

  it('ends a pause whose workers left without a word', () => {
    const pausing = running('r1', ['a'], { state: 'pausing', pausingSince: NOW - 6_000 });
    expect(decide({ runs: [pausing], workers: [idle('a')] }).decisions).toEqual([
      { runId: 'r1', kind: 'pause-without-word' },
    ]);
    expect(decide({ runs: [pausing], workers: [serving('a', 'r1')] }).decisions).toEqual([]);
    expect(decide({ runs: [{ ...pausing, pausingSince: NOW }], workers: [] }).decisions).toEqual([]);
  });

  it('does not give a worker of a pausing run away', () => {
    const pausing = running('r1', ['a'], { state: 'pausing', pausingSince: NOW });
    expect(decide({ runs: [pausing, run('r2')], workers: [idle('a')] }).decisions).toMatchObject([
      { runId: 'r2', kind: 'wait' },
    ]);
  });
});
