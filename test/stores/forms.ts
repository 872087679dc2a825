import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatasetKind } from '#contracts';
import { writeCifar10, writeCifar100 } from '../../libs/dataset/src/testing/test-cifar.js';
import { SOUND_FILES, writeSoundDataset, type TestFolder } from '../../libs/dataset/src/testing/test-folder.js';
import { writeImageNetTars } from '../../libs/dataset/src/testing/test-imagenet.js';
import { writeShards } from '../../libs/dataset/src/testing/test-shards.js';

/** From the compiled file. */
const FIXTURES = new URL('../../../test/fixtures/', import.meta.url).pathname;

/** A small data set of a form. */
export interface Form {
  readonly kind: DatasetKind;
  write(folder: TestFolder): Promise<void>;
  /** What names its files where a web server cannot list them; null: it cannot be read there. */
  readonly named: readonly string[] | null;
}

/** Every form of data sets. */
export const FORMS: readonly Form[] = [
  { kind: 'image-folder', write: writeSoundDataset, named: null },
  {
    kind: 'manifest',
    async write(folder) {
      await writeSoundDataset({ ...folder, write: (path, bytes) => folder.write(`images/${path}`, bytes) });
      const rows = SOUND_FILES.map(
        (file) => `images/${file},${file.split('/')[1] ?? ''},${file.split('/')[0] ?? ''}\n`,
      );
      await folder.write('images.csv', `file,label,split\n${rows.join('')}`);
    },
    named: ['--manifest', 'images.csv'],
  },
  { kind: 'imagenet', write: writeImageNetTars, named: [] },
  {
    kind: 'webdataset',
    write: writeShards,
    named: ['--train-shards', 'train-{00..01}.tar', '--validation-shards', 'val-00.tar'],
  },
  {
    kind: 'parquet',
    write: (folder) =>
      cp(join(FIXTURES, 'parquet'), folder.path, {
        recursive: true,
        filter: (path) => !/odd|no-image|\.py$/.test(path),
      }),
    named: [
      '--train-shards',
      'train-{00000..00001}-of-00002.parquet',
      '--validation-shards',
      'validation-00000-of-00001.parquet',
    ],
  },
  { kind: 'cifar10', write: writeCifar10, named: [] },
  { kind: 'cifar100', write: writeCifar100, named: [] },
];

/** A folder for what writes a form; the case removes it. */
export async function formFolder(path: string): Promise<TestFolder> {
  await mkdir(path, { recursive: true });
  return {
    path,
    async write(relative, bytes) {
      await mkdir(dirname(join(path, relative)), { recursive: true });
      await writeFile(join(path, relative), bytes);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
