import { gzipSync } from 'node:zlib';
import type { TestFolder } from './test-folder.js';
import { testImage } from './test-folder.js';
import { testTar } from './test-tar.js';

/**
 * `data/meta.mat` with three synsets as SciPy 1.x writes them (`savemat('meta.mat', {'synsets': …}, do_compression=True)`): 2 is
 * n01443537 goldfish, 1 is n01440764 tench, 3 is n00000001 fish, which is above them.
 */
export const TEST_META = Buffer.from(
  [
    'TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFN1biBOb3YgMjkgMTM6NTM6MDggMjAyNgAA',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0PAAAATAEAAHic42NgYHjAxsAARAwc',
    'QMzEAAGsUD4zEDNCMTsQF1fmFaeWFAPlWRgEoeIdQOzpExwW5GxkYGgU7+kCMiDcD0LDQXl+UUoxskB6Tn4xikBeaW58ckZmTkpR',
    'ah5YAIUDMyMvtSQ+IzUzPaMEqqWkKDEzLz4zNzE9tZiBDyhowYDwDxuafxiRMAhwQsWhwAGk3wFJPwsW/ZxI+gWg/DwDQxMTY1Nj',
    'c6g4yJwAAuZIo5kD4qfn56SkZRZn6Cg4JxYlFhdnlhYrJJYWJZaUFsPNNSBgLiOKuYwM6VB9FIQLhr3o+mEAWT9MH6X2kq0/YIoD',
    'ZfZ/sKcoPRiYm5kg+cODgDlCaOaA+CWpecnAxBCSmZecqFACIhHmjaYDeqUDDgrKBQgwRPIHoXhjQTGHhQFUHgxQfGP4G5t+JjT9',
    'AnDtH+yRzaE0H1KSfgDkPk9b',
  ].join(''),
  'base64',
);

/** Names of the validation images and their synsets. */
export const VAL_IMAGES = [
  ['ILSVRC2012_val_00000001.JPEG', 'n01443537'],
  ['ILSVRC2012_val_00000002.JPEG', 'n01440764'],
] as const;

const TRUTH = '2\n1\n';

/** Two synsets with two training images each and two validation images, as image-net.org publishes them. Shades 0, 20, …. */
export async function writeImageNetTars(folder: TestFolder): Promise<void> {
  const synset = async (name: string, shade: number): Promise<Uint8Array> =>
    testTar([
      { path: `${name}_1.JPEG`, bytes: await testImage('jpeg', shade) },
      { path: `${name}_2.JPEG`, bytes: await testImage('jpeg', shade + 20) },
    ]);
  await folder.write(
    'ILSVRC2012_img_train.tar',
    testTar([
      { path: 'n01443537.tar', bytes: await synset('n01443537', 40) },
      { path: 'n01440764.tar', bytes: await synset('n01440764', 0) },
    ]),
  );
  const images = await Promise.all(
    VAL_IMAGES.map(async ([path], at) => ({ path, bytes: await testImage('jpeg', 80 + 20 * at) })),
  );
  await folder.write('ILSVRC2012_img_val.tar', testTar(images));
  await folder.write('ILSVRC2012_devkit_t12.tar.gz', gzipSync(testDevkit()));
}

export function testDevkit(truth = TRUTH): Uint8Array {
  const top = 'ILSVRC2012_devkit_t12';
  return testTar([
    { path: `${top}/`, type: 'Directory' },
    { path: `${top}/data/ILSVRC2012_validation_ground_truth.txt`, bytes: truth },
    { path: `${top}/data/meta.mat`, bytes: TEST_META },
  ]);
}

/** The same images in Kaggle's folders. */
export async function writeKaggle(folder: TestFolder): Promise<void> {
  const top = 'ILSVRC/Data/CLS-LOC';
  for (const [at, synset] of ['n01440764', 'n01443537'].entries()) {
    for (const image of [0, 1]) {
      const path = `${top}/train/${synset}/${synset}_${image + 1}.JPEG`;
      await folder.write(path, await testImage('jpeg', 40 * at + 20 * image));
    }
  }
  for (const [at, [path]] of VAL_IMAGES.entries()) {
    await folder.write(`${top}/val/${path}`, await testImage('jpeg', 80 + 20 * at));
  }
  const rows = VAL_IMAGES.map(([image, synset]) => `${image.replace('.JPEG', '')},${synset} 85 1 499 272 \r\n`);
  await folder.write('LOC_val_solution.csv', `ImageId,PredictionString\r\n${rows.join('')}`);
  await folder.write('LOC_synset_mapping.txt', 'n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n');
}
