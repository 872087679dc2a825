import { appendFile, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { datasetSchema, RefusedInputError, type DatasetSpec } from '#contracts';
import type { Dataset, ScanOptions } from '../dataset.js';
import { openDataset } from '../open-dataset.js';
import { testFolder, testImage, writeSoundDataset, type TestFolder } from '../testing/test-folder.js';
import { writeCifar10 } from '../testing/test-cifar.js';
import { decodeIndex, encodeIndex, indexOfScan } from './dataset-index.js';
import { readIndexFile, readShared } from './index-file.js';
import { indexKey, surveyKey } from './index-key.js';
import { surveyDataset } from '../survey-dataset.js';
import { findIndexFile, KeptDatasets, removeUnusedDatasets } from './kept-datasets.js';
import { openKnownDataset, type IndexAccess } from './open-known-dataset.js';

const specOf = (path: string, others: object = {}): DatasetSpec =>
  datasetSchema.parse({ kind: 'image-folder', path, ...others });

/** A data set, and a keeper whose clock is set so far ahead that all of it was changed long ago. */
async function keeper(): Promise<{ data: TestFolder; keptFolder: string; kept: KeptDatasets } & AsyncDisposable> {
  const [data, keep] = [await testFolder(), await testFolder()];
  await writeSoundDataset(data);
  const keptFolder = join(keep.path, 'datasets');
  const kept = new KeptDatasets({ folder: keptFolder, clock: () => Date.now() + 60_000 });
  return {
    data,
    keptFolder,
    kept,
    async [Symbol.asyncDispose]() {
      await data[Symbol.asyncDispose]();
      await keep[Symbol.asyncDispose]();
    },
  };
}

/** Counts the images that are looked at. */
function counting(): { readonly options: ScanOptions; readonly count: () => number } {
  let numImages = 0;
  return { options: { onImages: ({ count }) => (numImages += count) }, count: () => numImages };
}

describe('KeptDatasets', () => {
  it('looks at a data set once, whatever a run does with it, and gives what a look gives', async () => {
    await using test = await keeper();
    const spec = specOf(test.data.path);
    const first = await test.kept.inspect(spec);
    const seen = counting();
    expect(await test.kept.inspect({ ...spec, augmentation: 'none' }, seen.options)).toEqual(first);
    expect(await test.kept.inspect(specOf(test.data.path, { unreadable: 'skip' }), seen.options)).toEqual(first);
    expect(seen.count()).toBe(0);
    const { digest } = await openDataset(spec);
    expect(first).toMatchObject({ digest, numTrainSamples: 4, numValidationSamples: 2, skipped: [] });
    const again = new KeptDatasets({ folder: test.keptFolder });
    expect(await again.inspect(spec, seen.options)).toEqual(first);
    expect(seen.count()).toBe(0);
  });

  it('keeps what a survey tells of its content, also of what was left out', async () => {
    await using test = await keeper();
    await writeFile(join(test.data.path, 'train/cat/notes.txt'), 'words');
    const broken = join(test.data.path, 'train/cat/broken.jpg');
    await writeFile(broken, 'no image');
    const spec = specOf(test.data.path, { unreadable: 'skip' });
    const { content, broken: left } = await test.kept.inspect(spec);
    expect(await surveyDataset(spec)).toMatchObject({ ...content, broken: left });
    expect(content).toMatchObject({
      classes: [{ name: 'cat', numTrain: 2, numValidation: 1 }, { name: 'dog' }],
      others: [{ extension: '.txt', kind: 'text', count: 1 }],
    });
    expect(left).toEqual([{ path: 'train/cat/broken.jpg', message: expect.any(String) }]);
    const again = new KeptDatasets({ folder: test.keptFolder });
    expect(await again.inspect({ ...spec, name: 'pets@1' })).toMatchObject({ content, broken: left });
  });

  it('is surveyed by the index that is kept, and by another look where that is damaged', async () => {
    await using test = await keeper();
    const spec = specOf(test.data.path);
    const seen = counting();
    const surveyed = async (): Promise<unknown> => {
      const { readers, ...survey } = await test.kept.survey(spec, seen.options);
      const bytes = await readers?.train.read(0);
      await Promise.all([readers?.train.close(), readers?.validation.close()]);
      return { ...survey, bytes };
    };
    const first = await surveyed();
    expect([first, seen.count()]).toEqual([expect.objectContaining({ faults: [], numTrainSamples: 4 }), 6]);
    expect([await surveyed(), seen.count()]).toEqual([first, 6]);
    const path = (await findIndexFile(test.keptFolder, spec, (await test.kept.inspect(spec)).digest)) ?? '';
    await writeFile(path, (await readFile(path)).subarray(0, -9));
    expect([await surveyed(), seen.count()]).toEqual([first, 12]);
    await rm(join(test.data.path, 'train/dog'), { recursive: true });
    expect(await surveyed()).toMatchObject({ faults: [{ path: 'train/' }, { path: 'val/' }], numTrainSamples: 2 });
  });

  it('is removed where nobody needs it and nobody has asked for it lately', async () => {
    await using test = await keeper();
    const spec = specOf(test.data.path);
    await test.kept.inspect(spec);
    await writeFile(join(test.keptFolder, 'other.txt'), 'stays');
    const folder = join(test.keptFolder, surveyKey(spec));
    await utimes(folder, 1_000, 1_000);
    const clean = (usedBefore: number, needed: readonly string[] = []): Promise<number> =>
      removeUnusedDatasets(test.keptFolder, { usedBefore, isNeeded: (key) => needed.includes(key) });
    expect(await clean(2_000_000, [surveyKey(spec)])).toBe(0);
    await test.kept.inspect(spec);
    expect(await clean(2_000_000)).toBe(0);
    await utimes(folder, 1_000, 1_000);
    expect(await clean(2_000_000)).toBe(1);
    expect(await readdir(test.keptFolder)).toEqual(['other.txt']);
    expect(await removeUnusedDatasets(join(test.keptFolder, 'none'), { usedBefore: 1, isNeeded: () => false })).toBe(0);
  });

  it('keeps the index that a look gives, by digest', async () => {
    await using test = await keeper();
    const spec = specOf(test.data.path);
    const { digest } = await test.kept.inspect(spec);
    const index = await readIndexFile((await findIndexFile(test.keptFolder, spec, digest)) ?? '');
    const { train, validation } = await openDataset(spec);
    expect(index).toMatchObject({ digest, kind: 'image-folder', classes: ['cat', 'dog'] });
    expect(index?.train).toEqual(train.snapshot.index);
    expect(index?.val).toEqual(validation.snapshot.index);
    expect(await findIndexFile(test.keptFolder, spec, 'another')).toBeNull();
    expect(await findIndexFile(join(test.keptFolder, 'nowhere'), spec, digest)).toBeNull();
  });

  it.each([
    ['a file that has come', (data: TestFolder) => writeFile(join(data.path, 'train/cat/0.jpg'), '')],
    ['a file that is gone', (data: TestFolder) => rm(join(data.path, 'train/cat/1.jpg'))],
    ['a file that has grown', (data: TestFolder) => appendFile(join(data.path, 'val/dog/1.jpg'), 'x')],
    [
      'a file of the same size and time',
      async (data: TestFolder) => {
        const path = join(data.path, 'train/cat/1.jpg');
        const bytes = await readFile(path);
        await writeFile(path, bytes.fill(0));
        await utimes(path, 1, 1);
      },
    ],
  ])('finds %s', async (_, change) => {
    await using test = await keeper();
    const spec = specOf(test.data.path, { unreadable: 'skip' });
    const before = await test.kept.inspect(spec);
    await change(test.data);
    const after = await test.kept.inspect(spec);
    const fresh = await new KeptDatasets({ folder: join(test.keptFolder, 'other') }).inspect(spec);
    expect(after).toEqual(fresh);
    expect(after.digest === before.digest && after.skipped.length === before.skipped.length).toBe(false);
    expect(await findIndexFile(test.keptFolder, spec, after.digest)).not.toBeNull();
  });

  it('trusts nothing that changed while it was looked at, or just before', async () => {
    await using test = await keeper();
    const now = new KeptDatasets({ folder: test.keptFolder });
    const spec = specOf(test.data.path);
    await now.inspect(spec);
    const seen = counting();
    await now.inspect(spec, seen.options);
    expect(seen.count()).toBe(6);
  });

  it('names every fault each time, and finds files mended', async () => {
    await using test = await keeper();
    const spec = specOf(test.data.path);
    await test.data.write('train/cat/9.jpg', 'no image');
    await expect(test.kept.inspect(spec)).rejects.toThrow(/train\/cat\/9\.jpg: no image/);
    await expect(test.kept.inspect(spec)).rejects.toThrow(RefusedInputError);
    expect((await test.kept.inspect(specOf(test.data.path, { unreadable: 'skip' }))).skipped).toHaveLength(1);
    await test.data.write('train/cat/9.jpg', await testImage('jpeg'));
    expect((await test.kept.inspect(spec)).numTrainSamples).toBe(5);
  });

  it('looks again where what it kept is damaged', async () => {
    await using test = await keeper();
    const spec = specOf(test.data.path);
    const first = await test.kept.inspect(spec);
    const [set = ''] = await readdir(test.keptFolder);
    await writeFile(join(test.keptFolder, set, 'survey.json'), '{"version": 1');
    expect(await test.kept.inspect(spec)).toEqual(first);
    await rm(join(test.keptFolder, set, `${first.digest}.index`));
    expect(await test.kept.inspect(spec)).toEqual(first);
    expect(await findIndexFile(test.keptFolder, spec, first.digest)).not.toBeNull();
  });
});

describe('an index as bytes', () => {
  it('is the same for the same data set, and none where a byte has changed', async () => {
    await using test = await keeper();
    const { scan, index } = await scanned(test.data.path);
    const bytes = encodeIndex(index);
    expect(Buffer.compare(bytes, encodeIndex({ ...index, digest: scan.digest }))).toBe(0);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(decodeIndex(shared)).toEqual(index);
    for (const at of [0, 17, 40, bytes.length >> 1, bytes.length - 1]) {
      shared.set(bytes);
      shared[at] = (shared[at] ?? 0) ^ 1;
      expect(decodeIndex(shared)).toBeNull();
    }
    expect(decodeIndex(new Uint8Array(new SharedArrayBuffer(30)))).toBeNull();
  });

  async function scanned(path: string) {
    const { train, validation, ...scan } = await openDataset(specOf(path));
    const index = indexOfScan('image-folder', { ...scan, train, validation, dependsOn: [], faults: [], broken: [] });
    if (index === null) throw new Error('expected an index');
    return { scan, index };
  }
});

describe('openKnownDataset', () => {
  it('opens by the index, from the host once it was taken', async () => {
    await using test = await keeper();
    await using host = await testFolder();
    const spec = specOf(test.data.path);
    const { digest } = await test.kept.inspect(spec);
    let numTaken = 0;
    const indexes: IndexAccess = {
      folder: join(host.path, 'indexes'),
      take: async () => {
        numTaken += 1;
        return readShared((await findIndexFile(test.keptFolder, spec, digest)) ?? '');
      },
    };
    const seen = counting();
    for (const _ of [1, 2]) {
      const { train, validation, classes } = await openKnownDataset(spec, { ...seen.options, digest, indexes });
      expect([train.length, validation.length, classes]).toEqual([4, 2, ['cat', 'dog']]);
      expect(await train.read(0)).toEqual(new Uint8Array(await readFile(join(test.data.path, 'train/cat/1.jpg'))));
    }
    expect([numTaken, seen.count()]).toEqual([1, 0]);
    await writeFile(join(host.path, 'indexes', `${indexKey(spec, digest)}.index`), 'torn');
    await openKnownDataset(spec, { digest, indexes });
    expect(numTaken).toBe(2);
  });

  it('refuses a folder with other files, with and without an index', async () => {
    await using test = await keeper();
    await using host = await testFolder();
    const spec = specOf(test.data.path);
    const { digest } = await test.kept.inspect(spec);
    const path = await findIndexFile(test.keptFolder, spec, digest);
    const take = (): ReturnType<IndexAccess['take']> => readShared(path ?? '');
    await appendFile(join(test.data.path, 'val/dog/1.jpg'), 'x');
    const another = /is not the data set that was submitted: val\/dog\/1\.jpg has \d+ bytes, expected \d+/;
    await expect(openKnownDataset(spec, { digest, indexes: { folder: host.path, take } })).rejects.toThrow(another);
    await rm(join(test.data.path, 'train/cat/1.jpg'));
    const gone = /train\/cat\/1\.jpg is not there/;
    await expect(openKnownDataset(spec, { digest, indexes: { folder: host.path, take } })).rejects.toThrow(gone);
    const looked = /it has 3 \+ 2 samples and the digest [0-9a-f]{12}, expected [0-9a-f]{12}/;
    await expect(openKnownDataset(spec, { digest })).rejects.toThrow(looked);
  });

  it('reads a copy that lies elsewhere, and refuses one with other files by what differs', async () => {
    await using test = await keeper();
    await using copy = await testFolder();
    const spec = specOf(test.data.path);
    const { digest } = await test.kept.inspect(spec);
    const index = await findIndexFile(test.keptFolder, spec, digest);
    await writeSoundDataset(copy);
    const take = (): ReturnType<IndexAccess['take']> => readShared(index ?? '');
    const indexes = { folder: join(copy.path, 'indexes'), take };
    const open = (): Promise<Dataset> => openKnownDataset(spec, { digest, indexes, path: copy.path });
    await rm(test.data.path, { recursive: true });
    const { train } = await open();
    expect(await train.read(0)).toEqual(new Uint8Array(await readFile(join(copy.path, 'train/cat/1.jpg'))));
    await copy.write('train/cat/2.jpg', await testImage('jpeg', 9, 40, 40));
    const differs = `${copy.path} here is not the data set that was submitted: train/cat/2.jpg has`;
    await expect(open()).rejects.toThrow(differs);
    const digests = /it has 4 \+ 2 samples and the digest [0-9a-f]{12}, expected [0-9a-f]{12}/;
    await expect(openKnownDataset(spec, { digest, path: copy.path })).rejects.toThrow(digests);
  });

  it('reads what a digest of bytes covers', async () => {
    await using folder = await testFolder();
    await writeCifar10(folder);
    const spec = datasetSchema.parse({ kind: 'cifar10', path: folder.path });
    const { digest } = await openDataset(spec);
    const take = (): never => {
      throw new Error('asked for an index');
    };
    const indexes = { folder: folder.path, take };
    expect((await openKnownDataset(spec, { digest, indexes })).train.length).toBe(7);
    const path = join(folder.path, 'test_batch.bin');
    const bytes = await readFile(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(openKnownDataset(spec, { digest, indexes })).rejects.toThrow('not the data set that was submitted');
  });
});
