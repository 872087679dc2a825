import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { problemSchema, runListSchema, runViewSchema, studyListSchema, studyViewSchema } from '#contracts';
import { copyRecords, runIds } from '../../../../test/records/copy-records.js';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';
import { RunFiles } from './run-files.js';

jest.setTimeout(30_000);

let stack: TestStack;
let data: string;
let ids: ReadonlyMap<string, string>;
stackForEach(async (opened) => {
  stack = opened;
  data = join(stack.directory, 'data');
  await copyRecords('v1', data, stack.datasetPath);
  ids = await runIds(data);
});

const start = (): Promise<unknown> => stack.start({ checkpointDirectory: join(data, 'checkpoints') });
const get = async (path: string): Promise<unknown> => (await fetch(`${stack.url}${path}`)).json();
const idOf = (name: string): string => ids.get(name) ?? '';
const pathOf = (name: string, file = 'run.json'): string => join(data, 'runs', idOf(name), file);

/** What a folder holds, and every byte of it, but for what is derived of the rest. */
async function contentOf(folder: string): Promise<unknown> {
  if ((await stat(folder)).isFile()) return await readFile(folder, 'utf8');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const isDerived = ({ parentPath, name }: { parentPath: string; name: string }): boolean =>
    name === 'steps' || basename(parentPath) === 'steps';
  return Promise.all(
    entries
      .filter((entry) => !isDerived(entry))
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return [
          path,
          entry.isFile()
            ? createHash('sha256')
                .update(await readFile(path))
                .digest('hex')
            : 'folder',
        ];
      }),
  );
}

describe('records of the first version', () => {
  it('are served whole; those that are over stay as they are on disk', async () => {
    const before = await contentOf(join(data, 'runs', idOf('finished')));
    await start();
    const list = runListSchema.parse(await get('/v1/runs'));
    expect(list.unreadable).toEqual([]);
    expect(list.runs.map(({ name, state }) => [name, state])).toEqual([
      ['paused', 'paused'],
      ['rates 2 s1', 'finished'],
      ['rates 1 s1', 'finished'],
      ['finished', 'finished'],
    ]);
    for (const { id } of list.runs.slice(1)) {
      const run = runViewSchema.parse(await get(`/v1/runs/${id}`));
      expect(
        run.ledger.every(({ missing, repeated, chain }) => missing === 0 && repeated === 0 && chain !== null),
      ).toBe(true);
      expect(run.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
      // What it was trained with, though new runs turn their images upright.
      expect(run.spec.dataset).toMatchObject({ orientation: 'as-stored' });
    }
    const id = idOf('finished');
    expect(await get(`/v1/runs/${id}/metrics`)).toMatchObject({ steps: { length: 10 }, evaluations: { length: 2 } });
    expect(await get(`/v1/runs/${id}/evaluations`)).toMatchObject({
      evaluations: [{ state: 'finished', result: { samples: 20 } }],
    });
    const weights = await fetch(`${stack.url}/v1/runs/${id}/checkpoints/10/weights.safetensors`);
    const sha256 = createHash('sha256')
      .update(Buffer.from(await weights.arrayBuffer()))
      .digest('hex');
    expect(runViewSchema.parse(await get(`/v1/runs/${id}`)).weightsSha256).toBe(sha256);
    const [study] = studyListSchema.parse(await get('/v1/studies')).studies;
    expect(study).toMatchObject({ name: 'rates', state: 'finished', numFinished: 2 });
    expect(await contentOf(join(data, 'runs', idOf('finished')))).toEqual(before);
  });

  it('are written as today when something happens to them', async () => {
    expect(await readFile(pathOf('paused'), 'utf8')).toContain('"version": 1,');
    await start();
    expect((await stack.post(`/v1/runs/${idOf('paused')}/cancel`)).status).toBe(200);
    expect(await readFile(pathOf('paused'), 'utf8')).toContain('"version": 5,');
    await stack.stop();
    await start();
    expect(runViewSchema.parse(await get(`/v1/runs/${idOf('paused')}`)).state).toBe('cancelled');
  });

  it('wait with the reason where a newer Skiplane has written the checkpoint since, and go on from what can be read', async () => {
    const [folder = ''] = await readdir(join(data, 'checkpoints', idOf('paused')));
    const path = join(data, 'checkpoints', idOf('paused'), folder, 'checkpoint.json');
    const text = await readFile(path, 'utf8');
    const newer = text.replace('"version": 1', '"version": 4').replace(/,\s*"manifestSha256": "\w+"/, '');
    await writeFile(path, newer);
    await start();
    await stack.fleet.add('w1');
    expect((await stack.post(`/v1/runs/${idOf('paused')}/resume`)).status).toBe(200);
    const waiting = await until(
      () => stack.run(idOf('paused')),
      ({ reason }) => reason?.includes('newer') === true,
    );
    expect(waiting).toMatchObject({ state: 'pending', checkpoints: [{ step: 31 }] });
    expect(waiting.reason).toBe(
      'its newest checkpoint cannot be gone on from: checkpoint.json was written by a newer Skiplane (version 4, this one knows 3)',
    );
    expect(await readFile(path, 'utf8')).toBe(newer);
    await writeFile(path, text);
    const gone = await until(
      () => stack.run(idOf('paused')),
      ({ state }) => state === 'running' || state === 'finished',
    );
    expect(gone).toMatchObject({ incarnation: 2, startedAt: waiting.startedAt });
  });

  it('hold what they need: without a field that had no default they are not guessed at', async () => {
    const text = await readFile(pathOf('paused'), 'utf8');
    await writeFile(pathOf('paused'), text.replace('"incarnation": 1,', ''));
    await start();
    const { unreadable } = runListSchema.parse(await get('/v1/runs'));
    expect(unreadable).toEqual([
      { id: idOf('paused'), reason: expect.stringMatching(/^run\.json is no record: incarnation: /) },
    ]);
  });
});

describe('a record that cannot be read', () => {
  /** Makes one more run like `paused`, and damages it. Returns its id. */
  async function damaged(number: number, damage: (folder: string, text: string) => Promise<void>): Promise<string> {
    const id = `20200101-000000-000${number}`;
    const folder = join(data, 'runs', id);
    const text = (await readFile(pathOf('paused'), 'utf8')).replaceAll(idOf('paused'), id);
    await mkdir(folder);
    await writeFile(join(folder, 'run.json'), text);
    await damage(folder, text);
    return id;
  }

  it('is listed with the reason, answers with it, and is not touched; the others are served', async () => {
    const runJson = (folder: string): string => join(folder, 'run.json');
    const damages: Readonly<Record<string, (folder: string, text: string) => Promise<void>>> = {
      'run.json is cut off or damaged: it is no JSON': (folder, text) =>
        writeFile(runJson(folder), text.slice(0, text.length / 2)),
      'run.json is cut off or damaged': (folder) => writeFile(runJson(folder), Buffer.from([0, 255, 1, 254, 10, 200])),
      'run.json is a folder': async (folder) => {
        await rm(runJson(folder));
        await mkdir(runJson(folder));
      },
      'run.json was written by a newer Skiplane (version 6, this one knows 5)': (folder, text) =>
        writeFile(runJson(folder), text.replace('"version": 1', '"version": 6')),
      [`run.json is the record of run ${idOf('paused')}`]: async (folder) =>
        writeFile(runJson(folder), await readFile(pathOf('paused'))),
      'its folder is a file': async (folder) => {
        await rm(folder, { recursive: true });
        await writeFile(folder, 'of somebody');
      },
      'metrics.jsonl is a folder': (folder) => mkdir(join(folder, 'metrics.jsonl')).then(() => undefined),
    };
    const expected: { id: string; reason: string }[] = [];
    for (const [reason, damage] of Object.entries(damages)) {
      expected.unshift({ id: await damaged(expected.length, damage), reason });
    }
    const contents = (): Promise<unknown> => Promise.all(expected.map(({ id }) => contentOf(join(data, 'runs', id))));
    const before = await contents();
    await start();
    const list = runListSchema.parse(await get('/v1/runs'));
    expect(list.runs).toHaveLength(4);
    expect(list.unreadable).toEqual(
      expected.map(({ id, reason }) => ({ id, reason: expect.stringContaining(reason) })),
    );
    expect(runListSchema.parse(await get('/v1/runs?state=paused')).unreadable).toEqual([]);
    for (const { id, reason } of expected) {
      for (const response of [await fetch(`${stack.url}/v1/runs/${id}`), await stack.post(`/v1/runs/${id}/cancel`)]) {
        expect(response.status).toBe(409);
        const { detail } = problemSchema.parse(await response.json());
        expect(detail).toContain(`the record cannot be read and is left as it is: run ${id}: ${reason}`);
      }
    }
    await stack.stop();
    expect(await contents()).toEqual(before);
  });

  it('may be a study, or a run of one', async () => {
    const [file = ''] = await readdir(join(data, 'studies'));
    const path = join(data, 'studies', file);
    const text = await readFile(path, 'utf8');
    const [newer, torn] = ['20200101-000000-0001', '20200101-000000-0002'];
    await writeFile(join(data, 'studies', `${newer}.json`), text.replace('"version": 1', '"version": 7'));
    await writeFile(join(data, 'studies', `${torn}.json`), text.slice(0, 100));
    await writeFile(pathOf('rates 1 s1'), '');
    // As it was before its runs were over: it does not end while nobody can say how one of them stands.
    await writeFile(path, text.replace('"state": "finished"', '"state": "running"'));
    await start();
    const list = studyListSchema.parse(await get('/v1/studies'));
    expect(list.unreadable).toEqual([
      { id: torn, reason: `${torn}.json is cut off or damaged: it is no JSON` },
      { id: newer, reason: `${newer}.json was written by a newer Skiplane (version 7, this one knows 3)` },
    ]);
    expect((await fetch(`${stack.url}/v1/studies/${newer}`)).status).toBe(409);
    const study = studyViewSchema.parse(await get(`/v1/studies/${file.replace('.json', '')}`));
    expect(study.state).toBe('running');
    expect(study.trials.map(({ state, reason }) => [state, reason])).toEqual([
      ['lost', 'its record cannot be read: run.json is cut off or damaged: it is no JSON'],
      ['finished', null],
    ]);
  });

  it('may be one that its user may not read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-unreadable-'));
    const isRoot = process.getuid?.() === 0;
    try {
      const files = await RunFiles.create(folder, 'r1');
      await writeFile(join(folder, 'runs', 'r1', 'run.json'), '{}');
      await chmod(folder, 0o755);
      await chmod(join(folder, 'runs', 'r1', 'run.json'), 0);
      if (isRoot) process.seteuid?.('nobody');
      await expect(files.readRecord()).rejects.toThrow('run.json may not be read by this user');
    } finally {
      if (isRoot) process.seteuid?.(0);
      await rm(folder, { recursive: true });
    }
  });
});
