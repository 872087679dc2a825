import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import {
  problemSchema,
  studyListSchema,
  studyTableSchema,
  studyViewSchema,
  type Problem,
  type RunList,
  type StudySpecInput,
  type StudyView,
} from '#contracts';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(30_000);

describe('the life of a study', () => {
  let stack: TestStack;
  stackForEach(async (opened) => {
    stack = opened;
    await stack.start();
  });

  const spec = (changes: Partial<StudySpecInput> = {}): StudySpecInput => ({
    name: 'depth',
    base: {
      model: { architecture: '{network}{depth}', numClasses: 2 },
      dataset: { kind: 'image-folder', path: stack.datasetPath },
      lanes: 2,
      laneBatchSize: 2,
      epochs: 2,
      workers: { max: 1 },
    },
    axes: [
      { name: 'network', values: ['plain', 'resnet'] },
      { name: 'depth', values: [20, 56] },
    ],
    ...changes,
  });
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${stack.url}/v1/studies${path}`, { headers });
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    stack.post(`/v1/studies${path}`, body, headers);
  const submit = async (changes: Partial<StudySpecInput> = {}): Promise<StudyView> => {
    const response = await post('', spec(changes));
    expect(response.status).toBe(201);
    return studyViewSchema.parse(await response.json());
  };
  const show = async (id: string): Promise<StudyView> => studyViewSchema.parse(await (await get(`/${id}`)).json());
  const inState = (id: string, state: StudyView['state']): Promise<StudyView> =>
    until(
      () => show(id),
      (study) => study.state === state,
    );
  const allSubmitted = (id: string): Promise<StudyView> =>
    until(
      () => show(id),
      ({ trials }) => trials.every(({ runId }) => runId !== null),
    );
  const problemOf = async (response: Response, status: number): Promise<Problem> => {
    expect(response.status).toBe(status);
    return problemSchema.parse(await response.json());
  };
  const runsOf = async (id: string): Promise<RunList> =>
    (await (await fetch(`${stack.url}/v1/runs?study=${id}`)).json()) as RunList;

  it('trains every combination with every seed and shows table and figures', async () => {
    await stack.fleet.add('w1');
    await stack.fleet.add('w2');
    const { id } = await submit({ seeds: [1, 2] });
    const study = await inState(id, 'finished');
    expect(study).toMatchObject({ numRuns: 8, numFinished: 8, numFailed: 0 });
    expect(study.trials[0]).toMatchObject({
      labels: ['plain', '20'],
      seed: 1,
      state: 'finished',
      step: 6,
      totalSteps: 6,
    });
    const { runs, total } = await runsOf(id);
    expect(total).toBe(8);
    expect(new Set(runs.map(({ name }) => name))).toContain('depth resnet 56 s2');
    expect(runs.every(({ studyId }) => studyId === id)).toBe(true);

    const table = studyTableSchema.parse(await (await get(`/${id}/table`)).json());
    expect(table.rows.map(({ labels, numFinished }) => [...labels, numFinished])).toEqual([
      ['plain', '20', 2],
      ['plain', '56', 2],
      ['resnet', '20', 2],
      ['resnet', '56', 2],
    ]);
    expect(table.rows[0]?.trainError?.count).toBe(2);
    expect(await (await get(`/${id}/table`, { Accept: 'text/markdown' })).text()).toContain(
      '| plain | 20 | 269,202 | 2/2 |',
    );
    const csv = await get(`/${id}/table?format=csv`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(await csv.text()).toContain('resnet,56,852498,2,2,');
    for (const name of study.figures) {
      const figure = await get(`/${id}/figures/${name}.svg?theme=dark`);
      expect(figure.headers.get('content-type')).toContain('image/svg+xml');
      expect(await figure.text()).toMatch(/^<svg [\s\S]*class="curve/);
    }
  });

  it('names every fault of every combination at once, and takes nothing', async () => {
    const faulty = spec({
      base: { ...spec().base, lanes: 6, model: { architecture: '{network}{depth}', numClasses: 3 } },
      axes: [
        { name: 'network', values: [{ label: 'plain', spec: { model: { shortcut: 'A' } } }, 'resnet'] },
        { name: 'depth', values: [20, 21] },
      ],
    });
    const { errors } = await problemOf(await post('', faulty), 422);
    expect((errors ?? []).map(({ path }) => path)).toEqual([
      '[network=plain, depth=20] model.shortcut',
      '[network=plain, depth=21] model.architecture',
      '[network=resnet, depth=21] model.architecture',
      '[network=resnet, depth=20] model.numClasses',
      '[network=resnet, depth=20] laneBatchSize',
    ]);
    await problemOf(await post('', { ...spec(), axes: [], extra: 1 }), 400);
    expect(studyListSchema.parse(await (await get('')).json()).total).toBe(0);
    expect((await runsOf('')).total).toBe(0);
  });

  it('answers a repeated submission with the first study, also of two at once and after a restart', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const both = await Promise.all([post('', spec(), headers), post('', spec(), headers)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 201]);
    const [first, second] = (await Promise.all(both.map((response) => response.json()))) as StudyView[];
    expect(second?.id).toBe(first?.id);
    await stack.stop();
    await stack.start();
    const third = await post('', spec(), headers);
    expect(third.status).toBe(200);
    expect(((await third.json()) as StudyView).id).toBe(first?.id);
    await problemOf(await post('', spec({ seeds: [9] }), headers), 422);
  });

  it('goes on after a restart, with the runs that a crash left half written', async () => {
    const { id } = await submit();
    const before = await allSubmitted(id);
    await stack.stop();
    // The run was written, the study was not: as a crash between the two leaves them.
    const path = join(stack.directory, 'data', 'studies', `${id}.json`);
    const record = JSON.parse(await readFile(path, 'utf8')) as { trials: { runId: string | null }[] };
    for (const trial of record.trials.slice(1)) trial.runId = null;
    await writeFile(path, JSON.stringify(record));
    // And one run was never written at all.
    const lostRun = before.trials[3]?.runId ?? '';
    await rm(join(stack.directory, 'data', 'runs', lostRun), { recursive: true });
    await stack.start();
    await stack.fleet.add('w1');
    const after = await inState(id, 'finished');
    expect(after.trials.slice(0, 3).map(({ runId }) => runId)).toEqual(
      before.trials.slice(0, 3).map(({ runId }) => runId),
    );
    expect(after.trials[3]?.runId).not.toBe(lostRun);
    expect((await runsOf(id)).total).toBe(4);
  });

  it('goes on when a run fails or is cancelled, and says so in the table', async () => {
    const { id } = await submit({ seeds: [1, 2] });
    const { trials } = await allSubmitted(id);
    const [first, second] = trials;
    const run = stack.registry.loaded(first?.runId ?? '');
    const start = { round: 0, checkpoint: null };
    await run?.dispatch({ kind: 'incarnation-started', at: 4, start, workers: ['w0'], fingerprint: 'f', why: 'first' });
    await run?.dispatch({ kind: 'failed', at: 5, message: 'Loss is not finite' });
    await fetch(`${stack.url}/v1/runs/${second?.runId}/cancel`, { method: 'POST' });
    await stack.fleet.add('w1');
    expect(await inState(id, 'finished')).toMatchObject({ numFinished: 6, numFailed: 1 });
    const [row] = studyTableSchema.parse(await (await get(`/${id}/table`)).json()).rows;
    expect(row).toMatchObject({ numRuns: 2, numFinished: 0, trainError: null });
    expect(row?.missing).toMatch(/^seed 1 failed: Loss is not finite; seed 2 cancelled/);
  });

  it('cancels its runs, also those that a crash left going, and only once', async () => {
    const { id } = await submit();
    await allSubmitted(id);
    const response = await post(`/${id}/cancel`);
    expect(response.status).toBe(200);
    expect(studyViewSchema.parse(await response.json()).trials.map(({ state }) => state)).toEqual(
      Array.from({ length: 4 }, () => 'cancelled'),
    );
    expect((await problemOf(await post(`/${id}/cancel`), 409)).detail).toBe(
      'a study that is cancelled cannot be cancelled',
    );
    const other = await submit();
    await allSubmitted(other.id);
    await stack.stop();
    const path = join(stack.directory, 'data', 'studies', `${other.id}.json`);
    await writeFile(path, (await readFile(path, 'utf8')).replace('"running"', '"cancelled"'));
    await stack.start();
    await until(
      () => show(other.id),
      (study) => study.trials.every(({ state }) => state === 'cancelled'),
    );
  });

  it('lists the newest first, and knows no study or figure of another name', async () => {
    const ids = [(await submit()).id, (await submit({ name: 'other' })).id];
    const list = studyListSchema.parse(await (await get('?limit=1')).json());
    expect(list).toMatchObject({ total: 2, studies: [{ id: ids[1], name: 'other', state: 'running', numRuns: 4 }] });
    for (const path of ['', '/table', '/figures/error-by-iteration.svg'])
      await problemOf(await get(`/none${path}`), 404);
    for (const file of ['error-by-network.svg', 'error-by-depth.png', 'error-by-depth']) {
      expect((await problemOf(await get(`/${ids[0]}/figures/${file}`), 404)).detail).toContain(
        'error-by-iteration.svg',
      );
    }
    await problemOf(await get(`/${ids[0]}/figures/error-by-depth.svg?theme=blue`), 400);
    await problemOf(await get(`/${ids[0]}/table?format=pdf`), 400);
  });
});
