import { describe, expect, it } from '@jest/globals';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { datasetSchema, RefusedInputError, type DatasetSpec } from '#contracts';
import { openDataset } from '../open-dataset.js';
import { detectDatasetKind } from '../detect-kind.js';
import { readerConformance } from '../testing/reader-conformance.js';
import { testFolder, testImage, type TestFolder } from '../testing/test-folder.js';
import { TEST_META, testDevkit, writeImageNetTars, writeKaggle } from '../testing/test-imagenet.js';
import { testTar } from '../testing/test-tar.js';

const specOf = ({ path }: TestFolder): DatasetSpec => datasetSchema.parse({ kind: 'imagenet', path });

async function faultsOf(spec: DatasetSpec): Promise<readonly string[]> {
  const error: unknown = await openDataset(spec).catch((reason: unknown) => reason);
  if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
  return error.faults.map(({ path, message }) => `${path}: ${message}`);
}

for (const [name, write, damaged] of [
  ['ImageNet’s tars', writeImageNetTars, 'ILSVRC2012_img_train.tar'],
  ['Kaggle’s ImageNet', writeKaggle, 'ILSVRC/Data/CLS-LOC/train/n01440764/n01440764_1.JPEG'],
] as const) {
  readerConformance(name, async () => {
    const folder = await testFolder();
    await write(folder);
    const { train } = await openDataset(specOf(folder));
    const expected = await Promise.all(
      [0, 20, 40, 60].map(async (shade, at) => ({ label: at >> 1, bytes: await testImage('jpeg', shade) })),
    );
    return { folder, reader: train, expected, damage: () => truncate(join(folder.path, damaged), 600) };
  });

  describe(name, () => {
    it('has its classes, their names and the labels of its validation images', async () => {
      await using folder = await testFolder();
      await write(folder);
      expect(await detectDatasetKind(folder.path)).toBe('imagenet');
      const { classes, classNames, validation } = await openDataset(specOf(folder));
      expect(classes).toEqual(['n01440764', 'n01443537']);
      expect(classNames).toEqual(['tench, Tinca tinca', 'goldfish, Carassius auratus']);
      expect([0, 1].map((sample) => validation.label(sample))).toEqual([1, 0]);
      expect(Buffer.compare(await validation.read(1), await testImage('jpeg', 100))).toBe(0);
    });
  });
}

describe('ImageNet', () => {
  it('takes an unpacked devkit and Kaggle’s labels for the tars as well', async () => {
    await using folder = await testFolder();
    await writeImageNetTars(folder);
    const { digest } = await openDataset(specOf(folder));
    await rm(join(folder.path, 'ILSVRC2012_devkit_t12.tar.gz'));
    await folder.write('ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt', '2\r\n1\r\n');
    await folder.write('ILSVRC2012_devkit_t12/data/meta.mat', TEST_META);
    expect((await openDataset(specOf(folder))).digest).toBe(digest);
    await rm(join(folder.path, 'ILSVRC2012_devkit_t12'), { recursive: true });
    await folder.write(
      'LOC_val_solution.csv',
      'ImageId,PredictionString\nILSVRC2012_val_00000001,n01443537 1 2 3 4\nILSVRC2012_val_00000002,n01440764 1 2 3 4\n',
    );
    expect((await openDataset(specOf(folder))).digest).toBe(digest);
  });

  it('says which files it expects and what stands in its way', async () => {
    await using folder = await testFolder();
    expect(await faultsOf(specOf(folder))).toEqual([
      expect.stringMatching(/^: expected the labels of the validation images: ILSVRC2012_devkit_t12\.tar\.gz/),
      expect.stringMatching(/^: expected ILSVRC2012_img_train\.tar .*; there is neither/),
      expect.stringContaining('no readable image for training'),
    ]);
    await writeImageNetTars(folder);
    await folder.write('ILSVRC2012_devkit_t12.tar.gz', gzipSync(testDevkit('2\n7\n')));
    expect(await faultsOf(specOf(folder))).toContainEqual(
      'ILSVRC2012_devkit_t12.tar.gz: line 2 of data/ILSVRC2012_validation_ground_truth.txt is no number of a synset',
    );
    await folder.write('ILSVRC2012_devkit_t12.tar.gz', 'damaged');
    expect(await faultsOf(specOf(folder))).toContainEqual(
      'ILSVRC2012_devkit_t12.tar.gz: cannot be unpacked: it is damaged',
    );
    await folder.write('ILSVRC2012_devkit_t12.tar.gz', gzipSync(testDevkit()));
    await truncate(join(folder.path, 'ILSVRC2012_img_train.tar'), 5000);
    await rm(join(folder.path, 'ILSVRC2012_img_val.tar'));
    expect(await faultsOf(specOf(folder))).toEqual([
      expect.stringMatching(/^ILSVRC2012_img_train\.tar: cut short: n01440764\.tar/),
      'ILSVRC2012_img_val.tar: there is no such file beside the other tar',
      expect.stringContaining('no readable image'),
    ]);
    await folder.write('ILSVRC2012_img_train.tar', testTar([{ path: 'a.jpg', bytes: 'x' }]));
    expect((await faultsOf(specOf(folder)))[0]).toMatch(/holds no tar of a synset/);
  });

  it('names images that are damaged or have no label by tar and name', async () => {
    await using folder = await testFolder();
    await writeImageNetTars(folder);
    const image = await testImage('jpeg');
    await folder.write(
      'ILSVRC2012_img_val.tar',
      testTar([
        { path: 'ILSVRC2012_val_00000001.JPEG', bytes: image.subarray(0, -9) },
        { path: 'ILSVRC2012_val_00000002.JPEG', bytes: image },
        { path: 'ILSVRC2012_val_00000003.JPEG', bytes: image },
      ]),
    );
    expect(await faultsOf(specOf(folder))).toEqual([
      expect.stringMatching(/^ILSVRC2012_img_val\.tar: ILSVRC2012_val_00000001\.JPEG: cut short/),
      'ILSVRC2012_img_val.tar: ILSVRC2012_val_00000003.JPEG: has no label',
      expect.stringContaining('2 unreadable files'),
    ]);
  });

  it('names Kaggle’s validation images that have no label', async () => {
    await using folder = await testFolder();
    await writeKaggle(folder);
    await folder.write('ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000003.JPEG', await testImage('jpeg'));
    expect(await faultsOf(specOf(folder))).toEqual([
      'ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000003.JPEG: has no label',
      expect.stringContaining('1 unreadable file'),
    ]);
  });
});
