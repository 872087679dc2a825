import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecoverableError } from '#contracts';
import { ObjectServer } from '../../../../test/support/object-server/object-server.js';
import { SmallDisk } from '../../../../test/support/small-disk.js';
import type { IndexedFile } from '../indexed-file.js';
import { openLocalFiles, type LocalFiles } from '../local-files.js';
import type { FileSource } from '../open-store.js';
import type { Limits } from '../remote/patience.js';
import { StoredObjectChangedError } from '../store-errors.js';
import { CacheCounts } from './cache-counts.js';
import { cacheProgress, type CacheProgress } from './cache-progress.js';
import { cacheKey, namesOf } from './cached-file.js';

const LIMITS: Limits = { firstByteMs: 250, idleMs: 250, numAttempts: 3, firstDelayMs: 1, longestDelayMs: 50 };
const SHARD_BYTES = 10_000;

let server: ObjectServer;
let folder: string;
const opened: LocalFiles[] = [];
beforeEach(async () => {
  server = await ObjectServer.start();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-cache-'));
});
afterEach(async () => {
  for (const files of opened.splice(0)) files.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const sourceOf = (maxBytes = 1e6, cache = folder): FileSource => ({
  location: `${server.url}/data`,
  settings: { cache: { folder: cache, maxBytes }, s3PathStyle: 'auto', isS3Anonymous: false },
});
const open = (source = sourceOf(), counts?: CacheCounts): LocalFiles => {
  const files = openLocalFiles(source, { limits: LIMITS, counts });
  opened.push(files);
  return files;
};
const shard = (number: number): IndexedFile => {
  const path = `${number}.tar`;
  server.put(`data/${path}`, new Uint8Array(SHARD_BYTES).fill(number));
  return { path, sizeBytes: SHARD_BYTES, version: server.objects.get(`data/${path}`)?.etag ?? '' };
};
const progressOf = (files: readonly IndexedFile[]): Promise<CacheProgress | null> => cacheProgress(sourceOf(), files);
const isShard = async (path: string, number: number): Promise<boolean> =>
  (await readFile(path)).equals(new Uint8Array(SHARD_BYTES).fill(number));
const gets = (): number => server.requests.filter((request) => request.startsWith('GET')).length;
const eventually = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('files of a store on this host', () => {
  it('are fetched once, for all that ask, now and later', async () => {
    const file = shard(1);
    const [one, other] = [open(), open()];
    const paths = await Promise.all([one.pathOf(file), one.pathOf(file), other.pathOf(file)]);
    expect(new Set(paths).size).toBe(1);
    expect(await isShard(paths[0], 1)).toBe(true);
    await open().pathOf(file);
    expect(gets()).toBe(1);
    expect(new Set((await readdir(folder)).map((name) => name.split('.')[1]))).toEqual(new Set(['data', 'json']));
  });

  it('that are damaged, cut short or gone are fetched anew; ones that were only touched are not', async () => {
    const file = shard(1);
    const path = await open().pathOf(file);
    await utimes(path, 1, 1);
    await open().pathOf(file);
    expect(gets()).toBe(1);
    await writeFile(path, new Uint8Array(SHARD_BYTES));
    expect(await isShard(await open().pathOf(file), 1)).toBe(true);
    await appendFile(path, 'x');
    expect(await isShard(await open().pathOf(file), 1)).toBe(true);
    await rm(path);
    expect(await isShard(await open().pathOf(file), 1)).toBe(true);
    expect(gets()).toBe(4);
  });

  it('are looked at again where what was read is suspect, and hashed once', async () => {
    const file = shard(1);
    const files = open();
    const path = await files.pathOf(file);
    expect(await files.pathOf(file, { isSuspect: true })).toBe(path);
    expect(gets()).toBe(1);
    await rm(path);
    expect(await files.pathOf(file)).toBe(path);
    expect(await isShard(await files.pathOf(file, { isSuspect: true }), 1)).toBe(true);
    expect(gets()).toBe(2);
  });

  it('are refused by name where the store has another version or size, and nothing of them stays', async () => {
    const file = shard(1);
    server.put('data/1.tar', new Uint8Array(SHARD_BYTES).fill(9));
    const reading = open().pathOf(file);
    await expect(reading).rejects.toThrow(StoredObjectChangedError);
    await expect(reading).rejects.toThrow(/^1\.tar has changed/);
    expect((await readFile(await open().pathOf({ ...file, version: '' })))[0]).toBe(9);
    await rm(folder, { recursive: true });
    await expect(open().pathOf({ ...shard(2), sizeBytes: 12_000 })).rejects.toThrow(
      '2.tar is of 10000 bytes, was of 12000',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('leave by their last use where the cache is as large as it may be', async () => {
    const files = open(sourceOf(3.5 * SHARD_BYTES));
    const shards = [1, 2, 3].map(shard);
    for (const [index, file] of shards.entries()) {
      await files.pathOf(file);
      const about = join(folder, namesOf(cacheKey(sourceOf().location, file)).about);
      await utimes(about, 100 - index, 100 - index);
    }
    await files.pathOf(shard(4));
    const progress = await progressOf([...shards, shard(4)]);
    expect(progress).toEqual({ numFiles: 4, numFilesHere: 3, numBytes: 40_000, numBytesHere: 30_000 });
    expect((await progressOf(shards.slice(2)))?.numFilesHere).toBe(0);
    await expect(open(sourceOf(5_000)).pathOf(shard(5))).rejects.toThrow(/does not fit .*set SKIPLANE_SHARD_CACHE_GIB/);
  });

  it('leave where the disk is full, and the fetching goes on', async () => {
    using disk = SmallDisk.mount('100k');
    if (disk === undefined) return;
    const files = open(sourceOf(1e9, disk.folder));
    for (let number = 1; number < 30; number += 1)
      expect(await isShard(await files.pathOf(shard(number)), number)).toBe(true);
    // None is in the way of the others for good.
    const others = open(sourceOf(1e9, disk.folder));
    await Promise.all(Array.from({ length: 30 }, (_, number) => others.pathOf(shard(50 + number))));
    // Others fill what there is.
    for (const name of await readdir(disk.folder)) await rm(join(disk.folder, name));
    await writeFile(join(disk.folder, 'foreign'), new Uint8Array(1e6)).catch(() => undefined);
    const reading = open(sourceOf(1e9, disk.folder)).pathOf(shard(40));
    await expect(reading).rejects.toThrow(RecoverableError);
    await expect(reading).rejects.toThrow(/the disk of the shard cache .* is full/);
  });

  it('are whole where the disk has room for the first bytes of a file alone', async () => {
    for (const size of ['104k', '108k']) {
      using disk = SmallDisk.mount(size);
      if (disk === undefined) return;
      const files = open(sourceOf(1e9, disk.folder));
      for (let number = 1; number < 10; number += 1)
        expect(await isShard(await files.pathOf(shard(number)), number)).toBe(true);
    }
  });

  it('are fetched ahead in the order in which they are wanted, as many as fit', async () => {
    const files = open(sourceOf(6 * SHARD_BYTES));
    const shards = [1, 2, 3, 4, 5, 6, 7, 8].map(shard);
    files.prefetch([...shards, ...shards]);
    await eventually(async () => (await progressOf(shards))?.numFilesHere === 4);
    expect(server.requests.map((request) => request.replace('GET data/', '')).toSorted()).toEqual([
      '1.tar',
      '2.tar',
      '3.tar',
      '4.tar',
    ]);
    server.faults.push({ times: 9, what: { kind: 'status', status: 403 } });
    files.prefetch(shards.slice(5));
    await eventually(() => server.requests.length === 7);
    server.faults.length = 0;
    // Whoever asks while the last attempt is being refused is told so, too.
    const isHere = (path: string): Promise<boolean> => isShard(path, 7);
    await eventually(() => files.pathOf(shards[6] ?? shard(7)).then(isHere, () => false));
  });

  it('are counted by whether a reader waited for them, and by their bytes', async () => {
    const counts = new CacheCounts();
    const files = open(sourceOf(), counts);
    const [one, other] = [shard(1), shard(2)];
    await Promise.all([files.pathOf(one), files.pathOf(one)]);
    await files.pathOf(one);
    files.prefetch([other]);
    await eventually(async () => (await progressOf([other]))?.numFilesHere === 1);
    // Of another thread.
    const others = open(sourceOf(), new CacheCounts(counts.memory));
    for (const file of [one, other]) await others.pathOf(file);
    expect(counts.read()).toEqual({ numHits: 3, numMisses: 2, fetchedBytes: 2 * SHARD_BYTES });
  });

  it('are given up when they are closed, or when a caller has waited enough', async () => {
    server.faults.push({ times: 9, what: { kind: 'silent' } });
    const files = open();
    const file = shard(1);
    const signal = AbortSignal.timeout(20);
    await expect(files.pathOf(file, { signal })).rejects.toThrow(/timeout/);
    const reading = files.pathOf(file);
    files.close();
    await expect(reading).rejects.toThrow('the files are closed');
  });
});

describe('parts of a file', () => {
  const SIZE_BYTES = 1_000_000;
  /** Of a file on disk of which all parts together are larger than the cache, and smaller than the file. */
  const parts = async (maxBytes: number): Promise<{ readonly files: LocalFiles; readonly made: number[] }> => {
    await writeFile(join(folder, 'a.parquet'), 'packed');
    const cache = { folder: join(folder, 'cache'), maxBytes };
    const made: number[] = [];
    const files = openLocalFiles(
      { location: folder, settings: { ...sourceOf().settings, cache } },
      {
        unpack: async function* (store, { path, part = 0 }) {
          made.push(part);
          yield Buffer.from(`${part} of `);
          yield await store.read(path, { length: 6 });
        },
      },
    );
    opened.push(files);
    return { files, made };
  };
  const part = (number: number): IndexedFile => {
    return { path: 'a.parquet', sizeBytes: SIZE_BYTES, version: '1', part: number, partBytes: 11 };
  };

  it('are unpacked once, from a folder of the disk as well', async () => {
    const { files, made } = await parts(1e6);
    expect(await files.pathOf({ path: 'a.parquet', sizeBytes: 6, version: '1' })).toBe(join(folder, 'a.parquet'));
    expect(await readFile(await files.pathOf(part(3)), 'utf8')).toBe('3 of packed');
    await files.pathOf(part(3));
    expect(made).toEqual([3]);
    expect((await stat(await files.pathOf(part(0)))).size).toBe(11);
  });

  it('take the room that they need, not that of their file', async () => {
    const { files, made } = await parts(44);
    for (const number of [0, 1, 2, 3]) await files.pathOf(part(number));
    const kept = await readdir(join(folder, 'cache'));
    expect(kept.filter((name) => name.endsWith('.data'))).toHaveLength(4);
    files.prefetch([4, 5, 6, 7].map(part));
    // Three quarters of the cache.
    await eventually(() => made.length === 7);
    await files.pathOf(part(6));
    expect(new Set(made)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(made).toHaveLength(7);
    await expect(files.pathOf({ ...part(8), partBytes: 45 })).rejects.toThrow(/does not fit/);
  });

  it('are refused by name where they are not as large as the index says', async () => {
    const { files } = await parts(1e6);
    const reading = files.pathOf({ ...part(2), partBytes: 12 });
    await expect(reading).rejects.toThrow(StoredObjectChangedError);
    await expect(reading).rejects.toThrow('a.parquet, part 2 is of 11 bytes, was of 12');
  });
});
