import { describe, expect, it } from '@jest/globals';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedInputError } from '#contracts';
import { inspectDataset } from '../inspect-dataset.js';
import { readerConformance } from '../testing/reader-conformance.js';
import { testFolder, testImage, writeSoundDataset, type TestFolder } from '../testing/test-folder.js';
import type { ScanOptions } from '../dataset.js';
import { openDataset } from '../open-dataset.js';

type FolderOptions = ScanOptions & { readonly unreadable?: 'refuse' | 'skip' };

const specOf = (path: string, unreadable: 'refuse' | 'skip' = 'refuse') =>
  ({ kind: 'image-folder', path, unreadable, orientation: 'upright' }) as const;
const openImageFolder = (path: string, { unreadable, ...options }: FolderOptions = {}) =>
  openDataset(specOf(path, unreadable), options);

async function faultsOf(path: string, options = {}): Promise<readonly { path: string; message: string }[]> {
  const error: unknown = await openImageFolder(path, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
  return error.faults;
}

readerConformance('image folder', async () => {
  const folder = await testFolder();
  await writeSoundDataset(folder);
  const { train } = await openImageFolder(folder.path);
  const files = ['cat/1.jpg', 'cat/2.jpg', 'dog/1.jpg', 'dog/2.jpg'];
  const expected = await Promise.all(
    files.map(async (file, at) => ({ label: at >> 1, bytes: await readFile(join(folder.path, 'train', file)) })),
  );
  return { folder, reader: train, expected, damage: () => rm(folder.path, { recursive: true }) };
});

describe('an image folder', () => {
  it('sorts classes and files and takes any case, nested folders and links', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await folder.write('train/cat/deep/er/3.JPEG', await testImage('jpeg'));
    await folder.write('train/cat/4.PnG', await testImage('png'));
    await folder.write('train/cat/.hidden.jpg', 'no image');
    await folder.write('train/cat/notes.txt', 'no image');
    await folder.write('elsewhere/5.jpg', await testImage('jpeg'));
    await symlink(join(folder.path, 'elsewhere'), join(folder.path, 'train/cat/link'));
    const { train, validation, classes } = await openImageFolder(folder.path);
    expect(classes).toEqual(['cat', 'dog']);
    expect(Array.from({ length: train.length }, (_, sample) => train.describe(sample))).toEqual([
      'train/cat/1.jpg',
      'train/cat/2.jpg',
      'train/cat/4.PnG',
      'train/cat/deep/er/3.JPEG',
      'train/cat/link/5.jpg',
      'train/dog/1.jpg',
      'train/dog/2.jpg',
    ]);
    expect(validation.length).toBe(2);
  });

  it('takes a PNG that is named .jpg', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await folder.write('train/cat/odd.jpg', await testImage('png'));
    expect((await openImageFolder(folder.path)).train.length).toBe(5);
  });

  it('names a missing folder, and missing train/ and val/ at once', async () => {
    await using folder = await testFolder();
    expect(await faultsOf(join(folder.path, 'nowhere'))).toHaveLength(1);
    expect((await faultsOf(folder.path)).map(({ path }) => path)).toEqual(['train/', 'val/']);
  });

  it('names too few classes and classes that differ at once', async () => {
    await using folder = await testFolder();
    await folder.write('train/cat/1.jpg', await testImage('jpeg'));
    await folder.write('val/dog/1.jpg', await testImage('jpeg'));
    const faults = await faultsOf(folder.path);
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringContaining('at least 2 class folders; there is only cat'),
      expect.stringContaining('missing in val/: cat'),
      expect.stringContaining('does not have: dog'),
    ]);
  });

  it('names classes without images and every unreadable file at once', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await mkdir(join(folder.path, 'train/eel'));
    await folder.write('val/eel/readme.md', 'text');
    await folder.write('train/cat/broken.jpg', (await testImage('jpeg')).subarray(0, -5));
    await folder.write('val/dog/empty.png', '');
    await symlink('nowhere', join(folder.path, 'train/dog/gone.jpg'));
    await symlink('.', join(folder.path, 'train/dog/loop'));
    const faults = await faultsOf(folder.path);
    expect(faults.map(({ path }) => path)).toEqual([
      'train/eel',
      'val/eel',
      'train/cat/broken.jpg',
      'train/dog/gone.jpg',
      'train/dog/loop',
      'val/dog/empty.png',
      '',
    ]);
    expect(faults.at(-1)?.message).toContain('4 unreadable files in all');
  });

  it('names at most 20 unreadable files and tells the total', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    for (let at = 0; at < 25; at += 1) await folder.write(`train/cat/x${at}.jpg`, 'no image');
    const faults = await faultsOf(folder.path);
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)?.message).toContain('25 unreadable files in all');
  });

  it('leaves unreadable files out when asked, and says which', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    const { digest } = await inspectDataset(specOf(folder.path));
    await folder.write('train/cat/broken.jpg', 'no image');
    const inspection = await inspectDataset(specOf(folder.path, 'skip'));
    expect(inspection).toMatchObject({ numTrainSamples: 4, numValidationSamples: 2, digest });
    expect(inspection.skipped).toEqual([
      { path: 'train/cat/broken.jpg', reason: expect.stringContaining('no image that is read') },
    ]);
  });

  it('refuses a class of which every file was left out', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await folder.write('val/cat/1.jpg', 'no image');
    expect(await faultsOf(folder.path, { unreadable: 'skip' })).toHaveLength(1);
  });

  it('gives the same digest wherever the folder lies and another for other files', async () => {
    const digestOf = async (change?: (folder: TestFolder) => Promise<void>): Promise<string> => {
      await using folder = await testFolder();
      await writeSoundDataset(folder);
      await change?.(folder);
      return (await inspectDataset(specOf(folder.path), { concurrency: change ? 1 : 16 })).digest;
    };
    const base = await digestOf();
    expect(await digestOf()).toBe(base);
    expect(await digestOf(async () => undefined)).toBe(base);
    const longer = async (folder: TestFolder): Promise<void> => {
      const bytes = await readFile(join(folder.path, 'val/cat/1.jpg'));
      await writeFile(join(folder.path, 'val/cat/1.jpg'), Buffer.concat([bytes, Buffer.alloc(1)]));
    };
    expect(await digestOf(longer)).not.toBe(base);
    expect(await digestOf(async (folder) => folder.write('train/dog/3.jpg', await testImage('jpeg')))).not.toBe(base);
  });

  it('takes valid/ and validation/ for val/ and names what else might be meant', async () => {
    const found = async (name: string, ...more: readonly string[]): Promise<readonly string[]> => {
      await using folder = await testFolder();
      await writeSoundDataset(folder);
      await rename(join(folder.path, 'val'), join(folder.path, name));
      for (const one of more) await folder.write(`${one}/cat/1.jpg`, 'x');
      return (await faultsOf(folder.path).catch(() => [])).map(({ path, message }) => `${path} ${message}`);
    };
    expect(await found('valid')).toEqual([]);
    expect(await found('validation')).toEqual([]);
    expect(await found('validation', 'valid')).toEqual([
      expect.stringMatching(/^valid\/ both valid\/ and validation\//),
    ]);
    expect(await found('test')).toEqual([expect.stringMatching(/^val\/ .* there is test\/: rename it to val\/ if/)]);
    expect(await found('.hidden')).toEqual([expect.stringMatching(/there is none: dataset\.split = .* takes a share/)]);
  });

  it('divides the training images of every class where there are none for validation', async () => {
    await using folder = await testFolder();
    for (const name of ['cat', 'dog']) {
      for (let at = 0; at < 10; at += 1) await folder.write(`train/${name}/${at}.jpg`, await testImage('jpeg', at));
    }
    await folder.write('train/dog/bad.jpg', 'no image');
    const spec = { ...specOf(folder.path, 'skip'), split: { validation: 0.2, seed: 3 } };
    const { train, validation, digest, skipped } = await openDataset(spec);
    const pathsOf = (reader: typeof train): readonly string[] =>
      Array.from({ length: reader.length }, (_, sample) => reader.describe(sample));
    const chosen = pathsOf(validation);
    expect(chosen.filter((path) => path.startsWith('train/cat/'))).toHaveLength(2);
    expect([...chosen, ...pathsOf(train)].sort()).toEqual(
      ['cat', 'dog'].flatMap((name) => Array.from({ length: 10 }, (_, at) => `train/${name}/${at}.jpg`)),
    );
    expect(skipped.map(({ path }) => path)).toEqual(['train/dog/bad.jpg']);
    expect((await openDataset(spec)).digest).toBe(digest);
    expect((await openDataset({ ...spec, split: { validation: 0.2, seed: 4 } })).digest).not.toBe(digest);

    // The same classes without train/ are divided in the same way.
    const flat = await openDataset({ ...spec, path: join(folder.path, 'train') });
    expect(pathsOf(flat.validation).map((path) => `train/${path}`)).toEqual(chosen);
  });

  it('refuses a split that cannot take effect and says where one would help', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    const split = { validation: 0.5, seed: 0 };
    const refused = (path: string): Promise<unknown> =>
      openDataset({ ...specOf(path), split }).catch((error: unknown) => error);
    expect(await refused(folder.path)).toMatchObject({
      faults: [{ path: 'dataset.split', message: expect.stringContaining('val/ holds images for validation') }],
    });
    expect((await faultsOf(join(folder.path, 'train')))[0]?.message).toMatch(
      /there is cat\/, dog\/: where these are the classes, dataset\.split/,
    );
    await rm(join(folder.path, 'val'), { recursive: true });
    for (const name of ['cat', 'dog']) await rm(join(folder.path, `train/${name}/2.jpg`));
    expect(await refused(folder.path)).toMatchObject({
      faults: [{ path: 'dataset.split', message: expect.stringContaining('every class has one image') }],
    });
  });

  it('reports progress and stops when it is told to', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    const seen: unknown[] = [];
    await openImageFolder(folder.path, { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { split: 'train', numSamples: 4 },
      { split: 'val', numSamples: 2 },
    ]);
    await expect(openImageFolder(folder.path, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});
