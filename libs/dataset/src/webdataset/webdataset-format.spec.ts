import { describe, expect, it } from '@jest/globals';
import { rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetSchema, RefusedInputError, type DatasetSpec } from '#contracts';
import { openDataset } from '../open-dataset.js';
import { surveyDataset } from '../survey-dataset.js';
import { readerConformance } from '../testing/reader-conformance.js';
import { testFolder, testImage, type TestFolder } from '../testing/test-folder.js';
import { testSample, writeShards } from '../testing/test-shards.js';
import { testTar } from '../testing/test-tar.js';

const specOf = ({ path }: TestFolder, fields: object = {}): DatasetSpec =>
  datasetSchema.parse({ kind: 'webdataset', path, ...fields });

async function faultsOf(spec: DatasetSpec): Promise<readonly string[]> {
  const error: unknown = await openDataset(spec).catch((reason: unknown) => reason);
  if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
  return error.faults.map(({ path, message }) => `${path}: ${message}`);
}

readerConformance('WebDataset shards', async () => {
  const folder = await testFolder();
  await writeShards(folder);
  const { train } = await openDataset(specOf(folder));
  const expected = await Promise.all(
    [0, 20, 40, 60].map(async (shade, at) => ({ label: at % 2, bytes: await testImage('jpeg', shade) })),
  );
  return { folder, reader: train, expected, damage: () => truncate(join(folder.path, 'train-00.tar'), 600) };
});

describe('WebDataset shards', () => {
  it('are told apart by their names, or named by patterns', async () => {
    await using folder = await testFolder();
    await writeShards(folder);
    const found = await openDataset(specOf(folder));
    const named = await openDataset(specOf(folder, { train: 'train-{00..01}.tar', validation: ['val-00.tar'] }));
    expect(named.digest).toBe(found.digest);
    expect([found.train.length, found.validation.length, found.classes]).toEqual([4, 2, ['0', '1']]);
    expect(found.train.describe(0)).toBe('train-00.tar, byte 1536');
    const part = await openDataset(specOf(folder, { train: 'train-01.tar', validation: 'val-00.tar' }));
    expect(part.train.length).toBe(2);
  });

  it('take labels of .json and names of classnames.txt', async () => {
    await using folder = await testFolder();
    const entries = async (at: number): Promise<Uint8Array> =>
      testTar([
        { path: `${at}.jpg`, bytes: await testImage('jpeg', at) },
        { path: `${at}.json`, bytes: JSON.stringify({ id: 7, class_id: at }) },
        { path: `${at}.txt`, bytes: 'a caption' },
      ]);
    for (const at of [0, 1]) await folder.write(`train/${at}.tar`, await entries(at));
    await folder.write('validation/0.tar', await entries(1));
    await folder.write('classnames.txt', 'tench\ngoldfish\n');
    const { classNames, train } = await openDataset(specOf(folder, { labelField: 'class_id' }));
    expect([classNames, train.label(1)]).toEqual([['tench', 'goldfish'], 1]);
    const faults = await faultsOf(specOf(folder));
    expect(faults.join('\n')).toMatch(/0\.tar: 0: its \.json has no label label \(id, class_id\); dataset\.labelField/);
  });

  it('are divided where none are for validation', async () => {
    await using folder = await testFolder();
    await writeShards(folder);
    await rm(join(folder.path, 'val-00.tar'));
    expect(await faultsOf(specOf(folder))).toEqual([
      expect.stringMatching(/no readable image for validation.*dataset\.split/),
    ]);
    const { train, validation } = await openDataset(specOf(folder, { split: { validation: 0.5 } }));
    expect([train.length, validation.length]).toEqual([2, 2]);
    expect(new Set([0, 1].map((sample) => validation.label(sample)))).toEqual(new Set([0, 1]));
  });

  it('name what is wrong with samples and with shards, all at once', async () => {
    await using folder = await testFolder();
    await writeShards(folder);
    const image = await testImage('jpeg');
    await folder.write(
      'train-01.tar',
      testTar([
        ...(await testSample('sound', 1, 9)),
        { path: 'unlabelled.jpg', bytes: image },
        { path: 'two.jpg', bytes: image },
        { path: 'two.png', bytes: image },
        { path: 'two.cls', bytes: '0' },
        { path: 'cut.jpg', bytes: image.subarray(0, -5) },
        { path: 'cut.cls', bytes: '0' },
        { path: 'linked.jpg', type: 'Link' },
        { path: 'linked.cls', bytes: '0' },
      ]),
    );
    await folder.write('train-02.tar', testTar([{ path: 'a.1.jpg', bytes: image }]));
    await folder.write('train-03.tar', testTar(await testSample('a', 0, 1)).subarray(0, 1600));
    const { broken, faults, numTrainSamples } = await surveyDataset(specOf(folder));
    expect(numTrainSamples).toBe(3);
    expect(broken.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      expect.stringMatching(/^train-01\.tar: unlabelled: has no label/),
      expect.stringMatching(/^train-01\.tar: two: has 2 images: two\.jpg, two\.png/),
      expect.stringMatching(/^train-01\.tar: cut: cut short/),
      expect.stringMatching(/^train-01\.tar: linked: is a link/),
    ]);
    expect(faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'train-02.tar: holds no image: WebDataset parts names at their first dot, so a.1.jpg is none',
      expect.stringMatching(/^train-03\.tar: cut short: a\.jpg at byte 1024/),
    ]);
    const skipping = await openDataset(
      specOf(folder, { unreadable: 'skip', train: 'train-{00..01}.tar', validation: 'val-00.tar' }),
    );
    expect([skipping.train.length, skipping.skipped.length]).toEqual([3, 4]);
  });

  it('say what to do where shards are missing, named oddly or only there for tests', async () => {
    await using folder = await testFolder();
    expect(await faultsOf(specOf(folder))).toEqual([
      ': there is no .tar file',
      expect.stringContaining('for training'),
    ]);
    await writeShards(folder);
    expect(await faultsOf(specOf(folder, { train: 'train-{00..02}.tar', validation: 'val-00.tar' }))).toEqual([
      'train-02.tar: there is no such file',
    ]);
    expect(await faultsOf(specOf(folder, { train: 'train-*.tar', validation: 'val-00.tar' }))).toContainEqual(
      expect.stringMatching(/^dataset\.train: .*count names with \{000\.\.146\}/),
    );
    expect(await faultsOf(specOf(folder, { split: { validation: 0.1 } }))).toEqual([
      expect.stringMatching(/^dataset\.split: val-00\.tar holds images for validation/),
    ]);
    await rename(join(folder.path, 'val-00.tar'), join(folder.path, 'test-00.tar'));
    expect(await faultsOf(specOf(folder))).toContainEqual(
      'test-00.tar: is not looked at; dataset.validation can name it',
    );
    await folder.write('more.tar', testTar(await testSample('a', 0, 1)));
    expect(await faultsOf(specOf(folder))).toContainEqual(expect.stringContaining('names that say no split: more.tar'));
  });
});
