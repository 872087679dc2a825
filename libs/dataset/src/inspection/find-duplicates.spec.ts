import { describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../open-dataset.js';
import { testFolder, testImage, writeSoundDataset } from '../testing/test-folder.js';
import { findDuplicates } from './find-duplicates.js';

const specOf = (path: string) =>
  ({ kind: 'image-folder', path, unreadable: 'refuse', orientation: 'upright' }) as const;

describe('findDuplicates', () => {
  it('names validation images of which training has the bytes, those of another class first of all', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    const [one, two] = [await testImage('png', 77), await testImage('jpeg', 200)];
    await folder.write('train/cat/9.png', one);
    await folder.write('train/dog/9.png', one);
    await folder.write('val/cat/7.png', one);
    await folder.write('train/cat/8.jpg', two);
    await folder.write('val/cat/8.png', two);
    // Of one size with it, and other bytes.
    await folder.write('val/dog/8.jpg', two.slice().fill(2, two.length - 20, two.length - 2));
    const progress: number[] = [];
    const found = await findDuplicates(await openDataset(specOf(folder.path)), {
      onProgress: (done) => progress.push(done),
    });
    expect(found).toEqual({
      numImages: 2,
      numOfOtherClass: 1,
      examples: [
        { validation: 'val/cat/7.png', train: 'train/dog/9.png', isOfOneClass: false },
        { validation: 'val/cat/8.png', train: 'train/cat/8.jpg', isOfOneClass: true },
      ],
    });
    expect(progress.length).toBeGreaterThan(4);
  });

  it('finds none where there is none, passes over what is gone, and stops when it is told to', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await folder.write('val/cat/1.jpg', await testImage('jpeg', 0));
    const splits = await openDataset(specOf(folder.path));
    expect(await findDuplicates(splits)).toMatchObject({ numImages: 1 });
    await expect(findDuplicates(splits, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await rm(join(folder.path, 'val/cat/1.jpg'));
    expect(await findDuplicates(splits)).toMatchObject({ numImages: 0, numOfOtherClass: 0, examples: [] });
  });
});
