import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Health } from '#contracts';
import { FileLock } from '#files';
import { fakeCoordinator, json, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import { runSkiplane } from '../../testing/run-skiplane.js';

const WELL: Health = {
  status: 'ok',
  faults: [],
  versions: { coordinator: '1.0.0', workers: [], parameterServers: [] },
  startedAt: 1,
  now: 2,
};
const NOT_WELL: Health = {
  ...WELL,
  status: 'failing',
  faults: [
    {
      kind: 'disk',
      subject: '/data',
      message: 'the disk of /data is full',
      since: 1,
      advice: 'make room',
      severity: 'error',
    },
  ],
};

describe('skiplane status', () => {
  let coordinator: FakeCoordinator;
  const before = process.env['SKIPLANE_DATA_DIR'];
  let folder: string;

  beforeEach(async () => {
    coordinator = await fakeCoordinator();
    folder = await mkdtemp(join(tmpdir(), 'skiplane-status-'));
    process.env['SKIPLANE_DATA_DIR'] = folder;
  });
  afterEach(async () => {
    await coordinator[Symbol.asyncDispose]();
    if (before === undefined) delete process.env['SKIPLANE_DATA_DIR'];
    else process.env['SKIPLANE_DATA_DIR'] = before;
    await rm(folder, { recursive: true, force: true });
  });

  it('ends with 0 where nothing is wrong', async () => {
    coordinator.on('GET /v1/health', json(WELL));
    const io = await runSkiplane(['status', '--url', coordinator.url]);
    expect([io.exitCode(), io.outLines]).toEqual([
      0,
      [expect.stringMatching(/^ok: http.*version 1\.0\.0.*0 workers$/)],
    ]);
  });

  it('names each fault with what to do, and ends with 1', async () => {
    coordinator.on('GET /v1/health', json(NOT_WELL));
    const io = await runSkiplane(['status', '--url', coordinator.url]);
    expect(io.exitCode()).toBe(1);
    expect(io.outLines[0]).toMatch(/^failing: [^]*\nERROR {2}disk \(\/data\), since .*\n.*is full\n.*-> make room$/);
    const asJson = await runSkiplane(['status', '--json', '--url', coordinator.url]);
    expect([asJson.exitCode(), asJson.outLines]).toEqual([1, [JSON.stringify(NOT_WELL)]]);
  });

  it('says where no coordinator answers whether a stack of this folder runs', async () => {
    await coordinator[Symbol.asyncDispose]();
    const dead = await runSkiplane(['status', '--url', coordinator.url]);
    expect([dead.exitCode(), dead.errLines[0]]).toEqual([3, expect.stringContaining(`no stack of ${folder} runs`)]);
    const lock = await FileLock.take(join(folder, 'stack.lock'));
    if (typeof lock === 'string') throw new Error(lock);
    const alive = await runSkiplane(['status', '--url', coordinator.url]);
    expect(alive.errLines[0]).toContain(`the stack of ${folder} runs (process ${process.pid} on `);
    await lock.release();
  });
});
