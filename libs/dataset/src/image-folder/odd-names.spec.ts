import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surveyDataset } from '../survey-dataset.js';
import { pillowImages } from '../testing/pillow-images.js';
import { testFolder, testImage, writeSoundDataset, type TestFolder } from '../testing/test-folder.js';

const survey = ({ path }: TestFolder) =>
  surveyDataset({ kind: 'image-folder', path, unreadable: 'refuse', orientation: 'upright' });
const imageOf = (name: string): Uint8Array => pillowImages.find((image) => image.name === name)?.bytes ?? Buffer.of();

describe('an image folder with odd files', () => {
  it('takes images of any format and name, and counts what is none by extension and kind', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    const { digest } = await survey(folder);
    await folder.write('train/cat/notes.txt', 'hello');
    await folder.write('train/cat/empty', '');
    await folder.write('val/dog/photo.HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
    await folder.write('val/dog/.hidden.jpg', 'nothing');
    const more = await survey(folder);
    // What is no image is no part of the samples.
    expect(more.digest).toBe(digest);
    expect(more.others).toEqual([
      { extension: '', kind: 'empty', count: 1 },
      { extension: '.txt', kind: 'text', count: 1 },
      { extension: '.heic', kind: 'HEIC', count: 1 },
      { extension: '.*', kind: 'hidden', count: 1 },
    ]);
    await folder.write('train/cat/a.webp', imageOf('lossy.webp'));
    await folder.write('train/cat/b.jpg', imageOf('rgb.bmp'));
    await folder.write('train/cat/c', imageOf('lzw.tiff'));
    await folder.write('train/cat/d.dat', imageOf('444.avif'));
    await folder.write('train/dog/e.jfif', await testImage('jpeg', 9));
    const all = await survey(folder);
    expect(all.formats).toMatchObject({ jpeg: 7, webp: 1, bmp: 1, tiff: 1, avif: 1 });
    expect(all).toMatchObject({ numTrainSamples: 9, faults: [], broken: [] });
  });

  it('names an image that is broken whatever its name, and a file that says it is one and is none', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await folder.write('train/cat/half', (await testImage('png')).subarray(0, 50));
    await folder.write('train/cat/text.webp', 'hello');
    expect((await survey(folder)).broken).toEqual([
      { path: 'train/cat/half', message: expect.stringContaining('cut short') },
      { path: 'train/cat/text.webp', message: expect.stringContaining('no image that is read') },
    ]);
  });
});

describe('an image folder with odd names', () => {
  it('names those that are not UTF-8, of classes and of files', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    const latin1 = (path: string): Buffer => Buffer.from(join(folder.path, path), 'latin1');
    await mkdir(latin1('train/caf\u00e9'));
    await writeFile(latin1('train/cat/na\u00efve.jpg'), await testImage('jpeg'));
    const { faults, broken, digest } = await survey(folder);
    expect(faults).toEqual([{ path: 'train/caf\ufffd', message: expect.stringContaining('not UTF-8') }]);
    expect(broken).toEqual([{ path: 'train/cat/na\ufffdve.jpg', message: expect.stringContaining('not UTF-8') }]);
    expect(digest).toBeNull();
  });

  it('says where two names differ in their Unicode form alone', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await rename(join(folder.path, 'train/cat'), join(folder.path, 'train/cafe\u0301'));
    await rename(join(folder.path, 'val/cat'), join(folder.path, 'val/caf\u00e9'));
    const message = expect.stringMatching(/Unicode form alone.* in train\//);
    expect((await survey(folder)).faults).toEqual([{ path: 'val/cafe\u0301', message }]);
    await folder.write('train/caf\u00e9/1.jpg', await testImage('jpeg'));
    const { faults } = await survey(folder);
    expect(faults[0]).toMatchObject({ path: 'train/caf\u00e9', message: expect.stringContaining('beside it') });
  });

  it('does not follow a link to a folder that holds it, and does not wait for a pipe', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await symlink('..', join(folder.path, 'train/cat/loop'));
    await symlink('/', join(folder.path, 'train/dog/all'));
    await symlink('..', join(folder.path, 'val/up'));
    execFileSync('mkfifo', [join(folder.path, 'train/dog/pipe.jpg')]);
    const { faults, broken, numTrainSamples } = await survey(folder);
    expect(numTrainSamples).toBe(4);
    expect(faults).toEqual([{ path: 'val/up', message: expect.stringContaining('lies in') }]);
    expect(broken.map(({ path }) => path)).toEqual(['train/cat/loop', 'train/dog/all', 'train/dog/pipe.jpg']);
  });
});
