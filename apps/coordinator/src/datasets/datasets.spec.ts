import { cp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  datasetListSchema,
  datasetSchema,
  datasetViewSchema,
  problemSchema,
  runListSchema,
  runViewSchema,
  type DatasetView,
  type Problem,
  type RunView,
} from '#contracts';
import { KeptDatasets, surveyKey } from '#dataset';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

describe('a named data set', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const get = async (path: string): Promise<unknown> => (await fetch(stack.url + path)).json();
  const show = async (name: string): Promise<DatasetView> => datasetViewSchema.parse(await get(`/v1/datasets/${name}`));
  const surveyed = (name: string): Promise<DatasetView> =>
    until(
      () => show(name),
      ({ survey }) => survey.state !== 'waiting' && survey.state !== 'running',
    );
  const problemOf = async (response: Response): Promise<Problem> => problemSchema.parse(await response.json());
  const submitted = async (dataset: unknown): Promise<RunView> => {
    const response = await stack.post('/v1/runs', { ...stack.spec(), dataset });
    if (response.status !== 201) throw new Error(await response.text());
    return runViewSchema.parse(await response.json());
  };
  const refusal = async (dataset: unknown): Promise<Problem['errors']> => {
    const response = await stack.post('/v1/runs', { ...stack.spec(), dataset });
    expect([400, 422]).toContain(response.status);
    return (await problemOf(response)).errors;
  };
  const folderWith = async (name: string, change?: (path: string) => Promise<void>): Promise<string> => {
    const path = join(stack.directory, name);
    await cp(stack.datasetPath, path, { recursive: true });
    await change?.(path);
    return path;
  };
  const addImage = (path: string, name: string): Promise<void> =>
    cp(join(path, 'train', 'cat', '0.png'), join(path, 'train', 'dog', name));

  it('is surveyed in the background, and shows what it holds', async () => {
    const path = await folderWith('pets');
    await writeFile(join(path, 'train', 'cat', 'notes.txt'), 'words');
    const body = { name: 'pets', kind: 'image-folder', path, shuffle: 'blocks' };
    const response = await stack.post('/v1/datasets', body);
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/v1/datasets/pets');
    const view = await surveyed('pets');
    expect(view).toMatchObject({
      name: 'pets',
      kind: 'image-folder',
      path,
      survey: { state: 'ready', numSamples: 14, problem: null },
      newest: { version: 1, numTrainSamples: 10, numValidationSamples: 4, numClasses: 2, numSkipped: 0 },
      versions: [{ version: 1, dataset: { path } }],
      content: {
        classes: [
          { name: 'cat', readableName: 'cat', numTrain: 5, numValidation: 2 },
          { name: 'dog', readableName: 'dog', numTrain: 5, numValidation: 2 },
        ],
        others: [{ extension: '.txt', kind: 'text', count: 1 }],
        numBroken: 0,
      },
      runs: [],
    });
    expect(view.newest?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await stack.post('/v1/datasets', body)).status).toBe(200);
    expect(datasetListSchema.parse(await get('/v1/datasets')).datasets).toMatchObject([
      { name: 'pets', numVersions: 1 },
    ]);
    const other = await stack.post('/v1/datasets', { ...body, path: '/elsewhere' });
    expect(other.status).toBe(409);
    expect((await problemOf(other)).detail).toContain(`pets is the name of another data set (image-folder in ${path})`);
    const faulty = await stack.post('/v1/datasets', { name: 'a/b', kind: 'image-folder' });
    expect(faulty.status).toBe(400);
    expect(new Set((await problemOf(faulty)).errors?.map((error) => error.path))).toEqual(new Set(['path', 'name']));
    expect((await fetch(`${stack.url}/v1/datasets/nobody`)).status).toBe(404);
  });

  it('is what a run trains on that names it, and the run says which version that is', async () => {
    const { path, newest } = await show('pets');
    const run = await submitted('pets');
    expect(run.spec.dataset).toMatchObject({ kind: 'image-folder', path, shuffle: 'blocks', name: 'pets@1' });
    expect(run.dataset.digest).toBe(newest?.digest);
    const other = await submitted({ name: 'pets@1', shuffle: 'global', augmentation: 'none' });
    expect(other.spec.dataset).toMatchObject({ path, shuffle: 'global', augmentation: 'none', name: 'pets@1' });
    expect((await show('pets')).runs).toMatchObject([
      { id: other.id, version: 1, state: 'pending' },
      { id: run.id, version: 1 },
    ]);
    expect(runListSchema.parse(await get('/v1/runs')).runs[0]?.datasetName).toBe('pets@1');
    expect(await refusal('cats')).toEqual([
      { path: 'dataset.name', message: 'there is no data set cats; there are pets' },
    ]);
    expect(await refusal('pets@7')).toEqual([{ path: 'dataset.name', message: 'pets has no version 7; it has 1' }]);
    expect((await refusal('data/shapes'))?.[0]?.message).toContain('names no data set');
    expect(await refusal({ name: 'pets', labels: 'fine' })).toEqual([
      { path: 'dataset', message: expect.stringContaining('labels') },
    ]);
    expect((await refusal({ kind: 'image-folder', path: stack.datasetPath, name: 'pets' }))?.[0]?.message).toContain(
      `pets lies in ${path}`,
    );
  });

  it('that has changed is a new version; who names the old one is refused with both digests', async () => {
    const { path, newest } = await show('pets');
    await addImage(path, 'new.png');
    const key = { 'Idempotency-Key': 'once' };
    const response = await stack.post('/v1/runs', { ...stack.spec(), dataset: 'pets' }, key);
    const run = runViewSchema.parse(await response.json());
    expect(run).toMatchObject({ spec: { dataset: { name: 'pets@2' } }, dataset: { numTrainSamples: 11 } });
    expect(await show('pets')).toMatchObject({ newest: { version: 2, digest: run.dataset.digest }, numVersions: 2 });
    const message = (await refusal('pets@1'))?.[0]?.message;
    expect(message).toContain(`its digest is ${newest?.digest.slice(0, 12)}`);
    expect(message).toContain(`found is ${run.dataset.digest.slice(0, 12)}, which is pets@2`);
    const again = await stack.post('/v1/runs', { ...stack.spec(), dataset: 'pets' }, key);
    expect(again.status).toBe(200);
    expect(runViewSchema.parse(await again.json()).id).toBe(run.id);
    await rm(join(path, 'train', 'dog', 'new.png'));
    expect((await submitted('pets')).spec.dataset.name).toBe('pets@1');
    expect(await show('pets')).toMatchObject({ newest: { version: 1 }, numVersions: 2 });
  });

  it('that is put to another place keeps its version where the samples are the same', async () => {
    const path = await folderWith('moved');
    const moved = await stack.send('PUT', '/v1/datasets/pets', { kind: 'image-folder', path });
    expect(moved.status).toBe(200);
    expect(await surveyed('pets')).toMatchObject({
      path,
      survey: { state: 'ready' },
      newest: { version: 1 },
      versions: [{ version: 1, dataset: { path } }, { version: 2 }],
    });
    expect((await submitted('pets@1')).spec.dataset).toMatchObject({ path, name: 'pets@1' });
  });

  it('that is not fit says why, and is once it is mended and surveyed again', async () => {
    const path = await folderWith('torn', (folder) => writeFile(join(folder, 'val', 'cat', 'torn.png'), 'no image'));
    expect((await stack.post('/v1/datasets', { name: 'torn', kind: 'image-folder', path })).status).toBe(201);
    const refused = await surveyed('torn');
    expect(refused).toMatchObject({ survey: { state: 'refused' }, newest: null, content: null });
    expect(refused.survey.problem?.errors?.[0]?.path).toBe('val/cat/torn.png');
    await rm(join(path, 'val', 'cat', 'torn.png'));
    expect((await stack.post('/v1/datasets/torn/survey')).status).toBe(200);
    expect(await surveyed('torn')).toMatchObject({ survey: { state: 'ready' }, newest: { version: 1 } });
    const cancelled = await stack.post('/v1/datasets/torn/survey/cancel');
    expect(cancelled.status).toBe(409);
    expect((await problemOf(cancelled)).detail).toBe('no survey of torn is under way: the last one is ready');
  });

  it('goes on with a survey that the end of the coordinator cut off; a record that cannot be read is left alone', async () => {
    const file = join(stack.directory, 'data', 'named-datasets', 'torn.json');
    await stack.stop();
    const record = JSON.parse(await readFile(file, 'utf8')) as Record<string, object>;
    const { survey } = record;
    await writeFile(
      file,
      JSON.stringify({ ...record, survey: { ...survey, state: 'under-way' }, versions: [], content: null }),
    );
    const damaged = join(stack.directory, 'data', 'named-datasets', 'damaged.json');
    await writeFile(damaged, '{');
    await stack.start();
    expect(await surveyed('torn')).toMatchObject({ survey: { state: 'ready' }, newest: { version: 1 } });
    const { datasets, unreadable } = datasetListSchema.parse(await get('/v1/datasets'));
    expect(datasets.map(({ name }) => name)).toEqual(['pets', 'torn']);
    expect(unreadable).toEqual([{ id: 'damaged', reason: expect.stringContaining('damaged.json') }]);
    expect((await fetch(`${stack.url}/v1/datasets/damaged`)).status).toBe(409);
    expect((await stack.post('/v1/runs', { ...stack.spec(), dataset: 'damaged' })).status).toBe(409);
    expect(await readFile(damaged, 'utf8')).toBe('{');
  });

  it('keeps its survey, which goes where neither a name nor a run needs it and nobody has asked for it lately', async () => {
    const folder = join(stack.directory, 'data', 'datasets');
    const paths = [
      (await show('pets')).path,
      await folderWith('tried'),
      await folderWith('tried-now'),
      stack.datasetPath,
    ];
    const specs = paths.map((path) => datasetSchema.parse({ kind: 'image-folder', path }));
    for (const spec of specs) await new KeptDatasets({ folder }).inspect(spec);
    const [named, tried, triedNow, ofRun] = specs.map(surveyKey);
    for (const key of [named, tried, ofRun]) await utimes(join(folder, key ?? ''), 1, 1);
    const { id } = await submitted({ kind: 'image-folder', path: stack.datasetPath });
    await stack.post(`/v1/runs/${id}/cancel`);
    await stack.stop();
    await stack.start();
    const left = await until(
      () => readdir(folder),
      (names) => !names.includes(tried ?? ''),
    );
    expect(new Set(left)).toEqual(new Set([named, triedNow, ofRun]));
  });

  it('may be cloned from, trained on by a study, and removed; runs of it stay and can be cloned', async () => {
    const run = await submitted({ name: 'torn', augmentation: 'none' });
    const clone = async (changes: object): Promise<RunView['spec']['dataset']> => {
      const response = await stack.post(`/v1/runs/${run.id}/clone`, { changes });
      if (response.status !== 201) throw new Error(await response.text());
      return runViewSchema.parse(await response.json()).spec.dataset;
    };
    expect(await clone({})).toEqual(run.spec.dataset);
    expect(await clone({ dataset: 'pets' })).toMatchObject({ name: 'pets@1', path: join(stack.directory, 'moved') });
    expect(await clone({ dataset: { name: 'pets' } })).toMatchObject({ name: 'pets@1', augmentation: 'none' });
    expect(await clone({ dataset: { path: stack.datasetPath } })).toEqual({
      ...run.spec.dataset,
      path: stack.datasetPath,
      name: undefined,
    });
    const { name: _, ...base } = stack.spec();
    const study = { name: 's', base: { ...base, dataset: 'torn' }, axes: [{ name: 'epochs', values: [1] }] };
    expect((await stack.post('/v1/studies', study)).status).toBe(201);
    const wrong = await stack.post('/v1/studies', { ...study, base: { ...base, dataset: 'nobody' } });
    expect((await problemOf(wrong)).errors?.[0]?.message).toContain('there is no data set nobody');
    const removed = await stack.send('DELETE', '/v1/datasets/torn');
    expect(datasetViewSchema.parse(await removed.json())).toMatchObject({ name: 'torn', newest: { version: 1 } });
    expect((await stack.send('DELETE', '/v1/datasets/torn')).status).toBe(404);
    expect(await clone({})).toEqual({ ...run.spec.dataset, name: undefined });
    expect((await stack.run(run.id)).spec.dataset.name).toBe('torn@1');
  });
});
