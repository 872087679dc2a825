import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PROCESS_EXITS_FILE, RecoverableError } from '#contracts';
import { heartbeat } from '#contracts/testing';
import { crashLoopObserver } from './crash-loops.js';
import { diskSpaceObserver, type Space } from './disk-space.js';
import { ParameterServerObserver } from './parameter-servers.js';
import { recordsObserver } from './records.js';
import { redisSettingsFaults } from './redis-settings.js';
import { waitingRunObserver } from './waiting-run.js';
import { workerFaults } from './worker-faults.js';

const GIB = 2 ** 30;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-observers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('diskSpaceObserver', () => {
  const look = (space: Space): unknown =>
    diskSpaceObserver({ dataDirectory: folder, checkpointDirectory: folder }, () => Promise.resolve(space)).look();

  it('tells of a disk before it is full', async () => {
    expect(await look({ freeBytes: 100 * GIB, sizeBytes: 10_000 * GIB })).toEqual([]);
    expect(await look({ freeBytes: 3 * GIB, sizeBytes: 40 * GIB })).toEqual([]);
    const message = `the disk of ${folder} has 1.00 GiB left (2.5 %)`;
    expect(await look({ freeBytes: GIB, sizeBytes: 40 * GIB })).toEqual([
      { kind: 'disk-space', subject: folder, message },
    ]);
    expect(await look({ freeBytes: 10 * GIB, sizeBytes: 400 * GIB })).toHaveLength(1);
  });

  it('sees the real disk, and says nothing of folders that are not there yet', async () => {
    const absent = join(folder, 'absent');
    const found = await diskSpaceObserver({ dataDirectory: absent, checkpointDirectory: absent }).look();
    expect(found).toEqual([]);
  });
});

describe('redisSettingsFaults', () => {
  it('reads what Redis says of its memory and its disk', () => {
    const well = 'used_memory:10\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_last_write_status:ok\r\n';
    expect(redisSettingsFaults(well)).toEqual([]);
    const bad = 'used_memory:95\r\nmaxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\nrdb_last_bgsave_status:err\r\n';
    expect(redisSettingsFaults(bad).map(({ kind }) => kind)).toEqual([
      'redis-eviction',
      'redis-memory',
      'redis-persistence',
    ]);
  });
});

describe('workerFaults', () => {
  const well = { refusals: [], notUnderstood: [], version: '1.0.0' };

  it('are none of workers that are well', () => {
    expect(workerFaults({ ...well, workers: [heartbeat({ version: '1.0.0' })] })).toEqual([]);
  });

  it('name refusals, devices, clocks and versions by worker', () => {
    const workers = [
      heartbeat({ workerId: 'a', version: '1.0.0', status: 'refused', reason: 'no GPU is free' }),
      heartbeat({ workerId: 'b', version: '1.0.0', clockOffsetMs: -90_000 }),
      heartbeat({ workerId: 'c', version: '0.9.0' }),
      heartbeat({ workerId: 'd' }),
    ];
    const refusals = [{ workerId: 'b', runId: 'r', reason: 'no such folder' }];
    const found = workerFaults({ ...well, workers, refusals, notUnderstood: ['e'] });
    expect(found.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['worker-refuses', 'b'],
      ['worker-device', 'a'],
      ['worker-clock', 'b'],
      ['worker-version', 'c'],
      ['worker-version', 'd'],
      ['worker-version', 'e'],
    ]);
    expect(found[1]?.message).toContain('no GPU is free');
    expect(found[2]?.message).toContain('90 s behind');
  });
});

describe('crashLoopObserver', () => {
  it('tells of processes that ended three times in ten minutes', async () => {
    const now = 10_000_000;
    const exit = (name: string, agoMs: number): unknown => ({ name, reason: 'ended with code 1', at: now - agoMs });
    const exits = [
      exit('redis', 700_000),
      exit('redis', 2),
      exit('redis', 1),
      ...[3, 2, 1].map((ago) => exit('worker-1', ago)),
    ];
    const observer = crashLoopObserver({
      logDirectory: folder,
      workerCrashes: () =>
        new Map([
          ['worker-1', 3],
          ['box', 4],
          ['once', 1],
        ]),
      clock: () => now,
    });
    await writeFile(join(folder, PROCESS_EXITS_FILE), JSON.stringify(exits));
    const found = await observer.look();
    expect(found.map(({ subject }) => subject)).toEqual(['worker-1', 'box']);
    expect(found[0]?.message).toContain('most recently it ended with code 1');
    await rm(join(folder, PROCESS_EXITS_FILE));
    expect((await observer.look()).map(({ subject }) => subject)).toEqual(['worker-1', 'box']);
  });
});

describe('ParameterServerObserver', () => {
  it('tells who does not answer, and who is of another version', async () => {
    const observer = new ParameterServerObserver(['a:1', 'b:1', 'c:1'], '1.0.0', ({ server }) => {
      if (server === 'c:1') return Promise.reject(new RecoverableError('connect ECONNREFUSED'));
      return Promise.resolve(server === 'a:1' ? '1.0.0' : '0.9.0');
    });
    expect((await observer.look()).map(({ kind, subject }) => [kind, subject])).toEqual([
      ['parameter-server-version', 'b:1'],
      ['parameter-server', 'c:1'],
    ]);
    expect(observer.versions.map(({ version }) => version)).toEqual(['1.0.0', '0.9.0', null]);
  });
});

describe('recordsObserver', () => {
  it('counts records and names the first', () => {
    const record = (id: string): { id: string; reason: string } => ({ id, reason: 'cut off' });
    const observer = recordsObserver({
      runs: () => ['a', 'b', 'c', 'd', 'e'].map(record),
      studies: () => [],
    });
    expect(observer.look()).toMatchObject([
      { subject: 'runs', message: expect.stringMatching(/a \(cut off\).*and 2 more$/) },
    ]);
  });
});

describe('waitingRunObserver', () => {
  const run = (id: string, reason: string | null, stateSince = 0): never =>
    ({ id, stateSince, record: { state: 'pending', reason, spec: { name: id } } }) as never;

  it('tells of the first run in the queue, after ten minutes, where no other has its workers', async () => {
    const at = (now: number, ...runs: readonly never[]) =>
      waitingRunObserver(
        () => runs,
        () => now,
      ).look();
    expect(await at(500_000, run('a', 'no worker is alive'))).toEqual([]);
    expect(await at(700_000, run('a', 'no worker is alive'), run('b', 'queued'))).toMatchObject([
      { kind: 'run-waits', subject: 'a', message: expect.stringMatching(/11 min: no worker is alive; 1 more wait/) },
    ]);
    expect(await at(700_000, run('a', 'waits for 1 worker, 0 free; queued behind b (b)'))).toEqual([]);
  });
});
