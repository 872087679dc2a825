import { copyFile, mkdir, readdir, readFile, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { datasetSchema, type DatasetSpec } from '#contracts';
import type { StoreSettings } from '#stores';
import { ObjectServer } from '../../../../test/support/object-server/object-server.js';
import type { Dataset } from '../dataset.js';
import { openDataset } from '../open-dataset.js';
import { testFolder, testImage, writeSoundDataset, type TestFolder } from '../testing/test-folder.js';
import { writeImageNetTars } from '../testing/test-imagenet.js';
import { writeShards } from '../testing/test-shards.js';
import { indexKey } from './index-key.js';
import { readShared } from './index-file.js';
import { findIndexFile, KeptDatasets } from './kept-datasets.js';
import { openKnownDataset, type IndexAccess } from './open-known-dataset.js';

const PARQUET = fileURLToPath(new URL('../../../../test/fixtures/parquet', import.meta.url));
const VARIABLES = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_CONFIG_FILE: '/dev/null' };

let server: ObjectServer;
let scratch: TestFolder;
let data: TestFolder;
let stores: StoreSettings;
const before = { ...process.env };
beforeEach(async () => {
  server = await ObjectServer.start();
  Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL_S3: server.url });
  [scratch, data] = [await testFolder(), await testFolder()];
  stores = {
    cache: { folder: join(scratch.path, 'cache'), maxBytes: 2 ** 30 },
    s3PathStyle: 'auto',
    isS3Anonymous: false,
  };
});
afterEach(async () => {
  for (const name of [...Object.keys(VARIABLES), 'AWS_ENDPOINT_URL_S3']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await server.close();
  for (const folder of [scratch, data]) await folder[Symbol.asyncDispose]();
});

/** Puts all files of the folder under `bucket/data/`. */
async function upload(): Promise<void> {
  for (const entry of await readdir(data.path, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) server.put(`bucket/data/${relative(data.path, path)}`, await readFile(path));
  }
}

async function writeParquet({ path }: TestFolder): Promise<void> {
  await mkdir(join(path, 'data'));
  for (const name of await readdir(PARQUET)) {
    if (/^(train|validation)-.*\.parquet$/.test(name)) await copyFile(join(PARQUET, name), join(path, 'data', name));
  }
}

async function writeTable(folder: TestFolder, pathOf = (file: string): string => file): Promise<void> {
  const files = ['train/cat/1.jpg', 'train/dog/1.jpg', 'val/cat/1.jpg', 'val/dog/1.jpg'];
  const rows = files.map((file) => [pathOf(file), ...file.split('/').slice(0, 2).toReversed()].join(','));
  await folder.write('labels.csv', ['file,label,split', ...rows, ''].join('\n'));
}

const specOf = (kind: string, path: string): DatasetSpec => datasetSchema.parse({ kind, path });

/** Looks at a data set as a coordinator does, and opens it as a worker of a host does that has it at `path`. */
async function opened(spec: DatasetSpec, host = 'host', path = spec.path): Promise<Dataset> {
  const folder = join(scratch.path, 'kept');
  const { digest } = await new KeptDatasets({ folder }).inspect(spec, { stores });
  const take: IndexAccess['take'] = async (key) => {
    expect(key).toBe(indexKey(spec, digest));
    return readShared((await findIndexFile(folder, spec, digest)) ?? '');
  };
  let numLooked = 0;
  const onImages = (): void => void (numLooked += 1);
  const indexes = { folder: join(scratch.path, host), take };
  const dataset = await openKnownDataset(spec, { digest, indexes, path, stores, onImages });
  expect(numLooked).toBe(0);
  return dataset;
}

async function bytesOf({ train, validation }: Dataset): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  try {
    for (const reader of [train, validation]) {
      for (let sample = 0; sample < reader.length; sample += 1) all.push(await reader.read(sample));
    }
    return all;
  } finally {
    for (const reader of [train, validation]) await reader.close();
  }
}

describe('one data set on disk and in a store', () => {
  it.each([
    ['image-folder', writeSoundDataset],
    ['webdataset', writeShards],
    ['parquet', writeParquet],
    ['imagenet', writeImageNetTars],
    [
      'manifest',
      async (folder: TestFolder) => {
        await writeSoundDataset(folder);
        await writeTable(folder);
      },
    ],
  ])('%s has one digest and an index each', async (kind, write) => {
    await write(data);
    await upload();
    const [onDisk, inStore] = [specOf(kind, data.path), specOf(kind, 's3://bucket/data')];
    const [disk, store] = [await opened(onDisk), await opened(inStore)];
    expect([store.digest, store.classNames]).toEqual([disk.digest, disk.classNames]);
    expect(indexKey(inStore, disk.digest)).not.toBe(indexKey(onDisk, disk.digest));
    const expected = await bytesOf(disk);
    expect(expected.length).toBeGreaterThanOrEqual(4);
    expect(await bytesOf(store)).toEqual(expected);
    expect(await bytesOf(await opened(inStore, 'third', data.path))).toEqual(expected);
    const { digest } = disk;
    const copy = await openKnownDataset(onDisk, { digest, path: inStore.path, stores });
    expect(await bytesOf(copy)).toEqual(expected);
    // Known by their ETags, whose sizes are as they were.
    for (const [path, { bytes }] of server.objects) server.put(path, Uint8Array.from(bytes).fill(7, -1));
    stores = { ...stores, cache: { ...stores.cache, folder: join(scratch.path, 'another') } };
    const take: IndexAccess['take'] = async () =>
      readShared((await findIndexFile(join(scratch.path, 'kept'), inStore, disk.digest)) ?? '');
    const indexes = { folder: join(scratch.path, 'host'), take };
    const stale = await openKnownDataset(inStore, { digest: disk.digest, indexes, stores });
    await expect(bytesOf(stale)).rejects.toThrow(/has changed/);
  });

  it("parquet is read where a host's own copy has other times", async () => {
    await writeParquet(data);
    const spec = specOf('parquet', data.path);
    const expected = await bytesOf(await opened(spec));
    const folder = join(scratch.path, 'kept');
    const { digest } = await openDataset(spec, { stores });
    const index = await readShared((await findIndexFile(folder, spec, digest)) ?? '');
    for (const name of await readdir(join(data.path, 'data'))) await utimes(join(data.path, 'data', name), 1, 1);
    stores = { ...stores, cache: { ...stores.cache, folder: join(scratch.path, 'another') } };
    const indexes = { folder: join(scratch.path, 'another host'), take: () => Promise.resolve(index) };
    expect(await bytesOf(await openKnownDataset(spec, { digest, indexes, stores }))).toEqual(expected);
  });
});

describe('a table of addresses', () => {
  it.each([
    ['S3', (file: string) => `s3://bucket/data/${file}`],
    ['HTTP', (file: string) => `${server.url}/bucket/data/${file}`],
  ])('is read from %s by its index, and looked at each time', async (_, pathOf) => {
    await writeSoundDataset(data);
    await upload();
    const expected = await Promise.all(
      ['train/cat/1', 'train/dog/1', 'val/cat/1', 'val/dog/1'].map((name) => readFile(join(data.path, `${name}.jpg`))),
    );
    await using table = await testFolder();
    await writeTable(table, pathOf);
    const spec = specOf('manifest', table.path);
    const first = await opened(spec);
    expect((await bytesOf(first)).map((bytes) => Buffer.from(bytes))).toEqual(expected);
    server.put('bucket/data/val/dog/1.jpg', await testImage('jpeg', 200, 40, 40));
    expect((await opened(spec)).digest).not.toBe(first.digest);
  });
});
