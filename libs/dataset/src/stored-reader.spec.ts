import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecoverableError, RunFaultError } from '#contracts';
import type { IndexedFile } from '#stores';
import { ObjectServer } from '../../../test/support/object-server/object-server.js';
import { UnreadableSampleError } from './dataset-reader.js';
import { IndexedReader } from './indexed-reader.js';
import { SampleIndexBuilder } from './sample-index.js';
import { openFilesOf } from './split-files.js';

let server: ObjectServer;
let folder: string;
let reader: IndexedReader;
beforeEach(async () => {
  server = await ObjectServer.start();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-stored-'));
  const shard = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251);
  server.put('data/0.tar', shard);
  const builder = new SampleIndexBuilder();
  const file = builder.addFile('0.tar', { sizeBytes: 1_000, version: server.objects.get('data/0.tar')?.etag ?? '' });
  for (let sample = 0; sample < 4; sample += 1)
    builder.add({ file, offset: sample * 200, length: 100, label: sample % 2 });
  const settings = { cache: { folder, maxBytes: 1e6 }, s3PathStyle: 'auto', isS3Anonymous: false } as const;
  reader = new IndexedReader({
    source: { location: `${server.url}/data/`, settings },
    kind: 'image-folder',
    classes: ['a', 'b'],
    index: builder.build(),
    encoding: { kind: 'file' },
  });
});
afterEach(async () => {
  await reader.close();
  await server.close();
  await rm(folder, { recursive: true });
});

const cached = async (): Promise<string> =>
  join(folder, (await readdir(folder)).find((name) => name.endsWith('.data')) ?? '');

describe('samples of a store', () => {
  it('are read after one request for their shard, in this epoch and the next', async () => {
    for (const sample of [3, 0, 2, 1, 0, 3]) expect((await reader.read(sample))[0]).toBe((sample * 200) % 251);
    expect(server.requests).toEqual(['GET data/0.tar']);
  });

  it('have their shard fetched before they are read, once', async () => {
    expect(reader.isFetched).toBe(true);
    const wanted = reader.filesOf(Uint32Array.of(3, 0, 1));
    expect(wanted.map(({ path }) => path)).toEqual(['0.tar']);
    const files = openFilesOf(reader.snapshot);
    files.prefetch(wanted);
    const end = performance.now() + 10_000;
    while ((await cached()) === folder && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await new IndexedReader(reader.snapshot, files).read(3))[0]).toBe(600 % 251);
    files.close();
    expect(server.requests).toEqual(['GET data/0.tar']);
  });

  it('are read where the cached shard was evicted or cut short meanwhile', async () => {
    await reader.read(0);
    await rm(await cached());
    expect((await reader.read(1))[0]).toBe(200);
    await writeFile(await cached(), 'short');
    expect((await reader.read(2))[0]).toBe(400 - 251);
    expect(server.requests).toHaveLength(3);
  });

  it('are read however often their shard is evicted before', async () => {
    const sound = openFilesOf(reader.snapshot);
    let numEvicted = 0;
    const thrashed = {
      ...sound,
      async pathOf(file: IndexedFile) {
        const path = await sound.pathOf(file, { isSuspect: true });
        if (numEvicted < 10) await rm(path);
        numEvicted += 1;
        return path;
      },
    };
    expect((await new IndexedReader(reader.snapshot, thrashed).read(1))[0]).toBe(200);
    numEvicted = -50;
    const reading = new IndexedReader(reader.snapshot, thrashed).read(1);
    await expect(reading).rejects.toThrow(RecoverableError);
    await expect(reading).rejects.toThrow(/0\.tar left the shard cache 30 times .*set SKIPLANE_SHARD_CACHE_GIB/);
    sound.close();
  });

  it('are read anew where the cached shard was overwritten, and from the same copy where it was not', async () => {
    const sound = await reader.read(1);
    expect(await reader.readAnew(1)).toEqual(sound);
    expect(server.requests).toHaveLength(1);
    await writeFile(await cached(), new Uint8Array(1_000));
    expect(await reader.readAnew(1)).toEqual(sound);
    expect(server.requests).toHaveLength(2);
  });

  it('of a shard that has changed stop the run by its name, whatever becomes of unreadable samples', async () => {
    server.put('data/0.tar', new Uint8Array(1_000));
    const reading = reader.read(0);
    await expect(reading).rejects.toThrow(RunFaultError);
    await expect(reading).rejects.not.toBeInstanceOf(UnreadableSampleError);
    await expect(reading).rejects.toThrow(/^0\.tar has changed/);
  });

  it('are not called unreadable where the store refuses this host', async () => {
    server.faults.push({ times: 9, what: { kind: 'status', status: 403 } });
    const reading = reader.read(0);
    await expect(reading).rejects.not.toBeInstanceOf(RunFaultError);
    await expect(reading).rejects.toThrow(/0\.tar: answered 403/);
  });
});
