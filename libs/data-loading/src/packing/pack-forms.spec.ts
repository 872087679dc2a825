import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { datasetSchema, type DatasetSpec } from '#contracts';
import { epochOrder, openDataset, orientationOf, packDataset, type Dataset, type DatasetReader } from '#dataset';
import {
  testFolder,
  testRecords,
  writeImageNetTars,
  writeKaggle,
  writeShards,
  writeSoundDataset,
  type TestFolder,
} from '#dataset/testing';
import { portableDecoder } from '../decoders/portable-decoder.js';
import { openImage } from '../open-image.js';
import { sampleEncoder } from './sample-encoder.js';

const PARQUET = fileURLToPath(new URL('../../../../test/fixtures/parquet', import.meta.url));
const SEED = 5;
const decoder = portableDecoder();

async function writeParquet({ path }: TestFolder): Promise<void> {
  for (const name of await readdir(PARQUET)) {
    if (/^(train|validation)-.*\.parquet$/.test(name)) await copyFile(join(PARQUET, name), join(path, name));
  }
}

async function writeTable(folder: TestFolder): Promise<void> {
  await writeSoundDataset(folder);
  const rows = ['train/cat/1', 'train/dog/1', 'val/dog/1'].map((name) => {
    const [split, label] = name.split('/');
    return `${name}.jpg,a ${label ?? ''},${split ?? ''}`;
  });
  await folder.write('labels.csv', `file,label,split\n${rows.join('\n')}\n`);
}

const labels = (count: number): number[][] => Array.from({ length: count }, (_, label) => [label]);

async function writeCifar10(folder: TestFolder): Promise<void> {
  for (const batch of [1, 2, 3, 4, 5])
    await folder.write(`data_batch_${batch}.bin`, testRecords(labels(10).slice(2 * batch - 2, 2 * batch), batch));
  await folder.write('test_batch.bin', testRecords([[7], [8]], 20));
  await folder.write('batches.meta.txt', labels(10).join('\n'));
}

async function writeCifar100(folder: TestFolder): Promise<void> {
  const both = labels(100).map(([fine = 0]) => [fine % 20, fine]);
  await folder.write('train.bin', testRecords(both));
  await folder.write('test.bin', testRecords([[4, 51]], 3));
  for (const [name, count] of [
    ['fine', 100],
    ['coarse', 20],
  ] as const)
    await folder.write(`${name}_label_names.txt`, labels(count).join('\n'));
}

const FORMS: readonly (readonly [name: string, write: (folder: TestFolder) => Promise<void>, fields: object])[] = [
  ['an image folder', writeSoundDataset, { kind: 'image-folder' }],
  ['a divided image folder', writeSoundDataset, { kind: 'image-folder', path: 'train', split: { validation: 0.5 } }],
  ['a table', writeTable, { kind: 'manifest' }],
  ['ImageNet’s tars', writeImageNetTars, { kind: 'imagenet' }],
  ['Kaggle’s ImageNet', writeKaggle, { kind: 'imagenet' }],
  ['shards of others', writeShards, { kind: 'webdataset' }],
  ['parquet', writeParquet, { kind: 'parquet' }],
  ['CIFAR-10', writeCifar10, { kind: 'cifar10' }],
  ['CIFAR-100 by superclass', writeCifar100, { kind: 'cifar100', labels: 'coarse' }],
];

/** Class and pixels of samples in an order. */
async function samplesOf(
  reader: DatasetReader,
  order: Iterable<number>,
  spec: DatasetSpec,
): Promise<readonly (readonly [string, string])[]> {
  const samples: (readonly [string, string])[] = [];
  for (const sample of order) {
    const { encoding } = reader;
    const image = openImage(await reader.read(sample), { encoding, decoder, orientation: orientationOf(spec) });
    const { pixels } = await image.region({ x: 0, y: 0, width: image.width, height: image.height });
    samples.push([reader.classes[reader.label(sample)] ?? '', Buffer.from(pixels).toString('base64')]);
  }
  return samples;
}

const close = async ({ train, validation }: Dataset): Promise<unknown> =>
  Promise.all([train.close(), validation.close()]);
const inOrder = ({ length }: DatasetReader): number[] => Array.from({ length }, (_, sample) => sample);

describe('a pack', () => {
  it.each(FORMS)('of %s has its classes, labels and pixels', async (_, write, fields) => {
    await using folder = await testFolder();
    await using dest = await testFolder();
    await write(folder);
    const { path = '.' } = fields as { readonly path?: string };
    const spec = datasetSchema.parse({ ...fields, path: join(folder.path, path) });
    const cache = { folder: join(dest.path, 'cache'), maxBytes: 2 ** 30 };
    const source = await openDataset(spec, { stores: { cache, s3PathStyle: 'auto', isS3Anonymous: false } });
    const encode = sampleEncoder({ decoder, orientation: orientationOf(spec), shrink: null });
    const { signal } = new AbortController();
    const options = { kind: spec.kind, seed: SEED, shardBytes: 6_000, shrink: null, encode, signal };
    const target = join(dest.path, 'packed');
    expect((await packDataset(source, target, options)).numShards).toBeGreaterThan(1);
    const packedSpec = datasetSchema.parse({ kind: 'webdataset', path: target });
    const packed = await openDataset(packedSpec);
    expect([packed.classes, packed.classNames]).toEqual([source.classes, source.classNames]);
    expect(await samplesOf(packed.train, inOrder(packed.train), packedSpec)).toEqual(
      await samplesOf(source.train, epochOrder(SEED, 0, source.train.length), spec),
    );
    expect(await samplesOf(packed.validation, inOrder(packed.validation), packedSpec)).toEqual(
      await samplesOf(source.validation, inOrder(source.validation), spec),
    );
    await close(source);
    await close(packed);
  });
});
