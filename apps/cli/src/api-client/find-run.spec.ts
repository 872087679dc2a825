import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runSummary, type RunList, type RunView } from '#contracts';
import { findRun } from './find-run.js';
import { SkiplaneClient } from './skiplane-client.js';
import { fakeCoordinator, json, problem, type FakeCoordinator } from '../testing/fake-coordinator.js';
import { sampleRun } from '../testing/sample-run.js';

let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const find = (reference: string): Promise<RunView> =>
  findRun(new SkiplaneClient({ url: server.url, retryDelayMs: 1 }), reference);
const list = (ids: readonly string[], offset: number, total: number): RunList => ({
  runs: ids.map((id) => runSummary(sampleRun({ id }))),
  total,
  offset,
  limit: 100,
  unreadable: [],
});

const SEARCH = '/v1/runs?ref=ab&archived=all&limit=100';

describe('findRun', () => {
  it('finds a run by its name, and one whose id begins so before it', async () => {
    const named = { ...runSummary(sampleRun({ id: 'x1' })), name: 'ab' };
    server.on(`GET ${SEARCH}`, json({ ...list([], 0, 1), runs: [named] }));
    server.on('GET /v1/runs/x1', json(sampleRun({ id: 'x1' })));
    expect((await find('ab')).id).toBe('x1');
    server.on(`GET ${SEARCH}`, json({ ...list(['abc'], 0, 2), runs: [named, runSummary(sampleRun({ id: 'abc' }))] }));
    server.on('GET /v1/runs/abc', json(sampleRun({ id: 'abc' })));
    expect((await find('ab')).id).toBe('abc');
  });

  it('takes a full id without looking at the list', async () => {
    server.on('GET /v1/runs/abc', json(sampleRun({ id: 'abc' })));
    expect((await find('abc')).id).toBe('abc');
    expect(server.asked).toHaveLength(1);
  });

  it('finds the newest run', async () => {
    server.on('GET /v1/runs?limit=1', json(list(['newest'], 0, 7)));
    server.on('GET /v1/runs/newest', json(sampleRun({ id: 'newest' })));
    expect((await find('latest')).id).toBe('newest');
  });

  it('says so when there are no runs', async () => {
    server.on('GET /v1/runs?limit=1', json(list([], 0, 0)));
    await expect(find('latest')).rejects.toMatchObject({ problem: { status: 404 } });
  });

  it.each([404, 400])('finds a unique beginning after a %p, without looking at all runs', async (status) => {
    server.on('GET /v1/runs/ab', problem(status, 'No'));
    server.on(`GET ${SEARCH}`, json(list(['abc'], 0, 1)));
    server.on('GET /v1/runs/abc', json(sampleRun({ id: 'abc' })));
    expect((await find('ab')).id).toBe('abc');
  });

  it('names the candidates of a beginning that is not unique', async () => {
    server.on(`GET ${SEARCH}`, json(list(['abc', 'abd'], 0, 2)));
    await expect(find('ab')).rejects.toMatchObject({ faults: [{ path: 'abc' }, { path: 'abd' }] });
  });

  it('has the coordinator say what is wrong with one that cannot be read', async () => {
    const unreadable = [{ id: 'abc', reason: 'run.json is a folder' }];
    server.on(`GET ${SEARCH}`, json({ ...list([], 0, 0), unreadable }));
    server.on('GET /v1/runs/abc', problem(409, 'Conflict'));
    await expect(find('ab')).rejects.toMatchObject({ problem: { status: 409, detail: 'details of Conflict' } });
  });

  it('passes on what is no answer about runs', async () => {
    server.on('GET /v1/runs/ab', problem(401, 'Unauthorized'));
    await expect(find('ab')).rejects.toMatchObject({ problem: { status: 401 } });
  });
});
