import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { datasetViewSchema, runViewSchema, studyViewSchema, type RunView, type StudyView } from '#contracts';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

interface StudyFile {
  readonly trials: { runId: string | null }[];
}

describe('the data set of a study', () => {
  let stack: TestStack;
  stackForEach(async (opened) => {
    stack = opened;
    await stack.start();
  });

  const get = async (path: string): Promise<unknown> => (await fetch(stack.url + path)).json();
  const settled = (id: string): Promise<StudyView> =>
    until(
      async () => studyViewSchema.parse(await get(`/v1/studies/${id}`)),
      ({ trials }) => trials.every(({ state }) => state !== 'waiting' && state !== 'lost'),
      { timeoutMs: 30_000 },
    );
  const submit = async (dataset: unknown): Promise<StudyView> => {
    const { name: _, ...base } = stack.spec();
    const axes = [{ name: 'rate', values: [1, 2].map((lanes) => ({ label: `${lanes}`, spec: { lanes } })) }];
    const response = await stack.post('/v1/studies', { name: 's', base: { ...base, dataset }, axes });
    if (response.status !== 201) throw new Error(await response.text());
    return settled(studyViewSchema.parse(await response.json()).id);
  };
  /** As if the coordinator had died before it submitted the last trial. */
  const forgetLastTrial = async ({ id, trials }: StudyView): Promise<void> => {
    const path = join(stack.directory, 'data', 'studies', `${id}.json`);
    const record = JSON.parse(await readFile(path, 'utf8')) as StudyFile;
    const last = record.trials.at(-1);
    if (last !== undefined) last.runId = null;
    await writeFile(path, JSON.stringify(record));
    await rm(join(stack.directory, 'data', 'runs', trials.at(-1)?.runId ?? ''), { recursive: true });
  };
  const runsOf = ({ trials }: StudyView): Promise<RunView[]> =>
    Promise.all(trials.map(async ({ runId }) => runViewSchema.parse(await get(`/v1/runs/${runId}`))));
  const folderWith = async (name: string): Promise<string> => {
    const path = join(stack.directory, name);
    await cp(stack.datasetPath, path, { recursive: true });
    return path;
  };
  const addImage = (path: string): Promise<void> =>
    cp(join(path, 'train', 'cat', '0.png'), join(path, 'train', 'dog', 'new.png'));

  it('is found once, when the study is submitted: a name that leads elsewhere, or other files, reach no later trial', async () => {
    const [path, elsewhere] = [await folderWith('pets'), await folderWith('more-pets')];
    await addImage(elsewhere);
    const pets = { name: 'pets', kind: 'image-folder', path, augmentation: 'pad-crop' };
    await stack.post('/v1/datasets', pets);
    await until(
      async () => datasetViewSchema.parse(await get('/v1/datasets/pets')),
      ({ survey }) => survey.state === 'ready',
    );
    const [named, unnamed] = [await submit('pets'), await submit({ kind: 'image-folder', path })];

    await stack.stop();
    await forgetLastTrial(named);
    const file = join(stack.directory, 'data', 'named-datasets', 'pets.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as Record<string, object>;
    const moved = { ...record, dataset: { ...record.dataset, path: elsewhere, augmentation: 'none' } };
    await writeFile(file, JSON.stringify(moved));
    await stack.start();
    const namedAgain = await settled(named.id);
    const runs = await runsOf(namedAgain);
    const seen = { path, augmentation: 'pad-crop', name: 'pets@1' };
    expect(runs.map(({ spec }) => spec.dataset)).toMatchObject([seen, seen]);
    expect(new Set(runs.map(({ dataset }) => dataset.digest)).size).toBe(1);

    await stack.stop();
    await addImage(path);
    for (const study of [namedAgain, unnamed]) await forgetLastTrial(study);
    await stack.start();
    const reasons = await Promise.all([named, unnamed].map(async ({ id }) => (await settled(id)).trials[1]));
    expect(reasons).toMatchObject([{ state: 'refused' }, { state: 'refused' }]);
    expect(reasons.map((trial) => trial?.reason)).toEqual([
      expect.stringMatching(/^dataset\.name: pets@1 does not lie in .*pets any more: its digest is /),
      'dataset: has changed since the study was submitted: its trials would train on different samples',
    ]);
  });
});
