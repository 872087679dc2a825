import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ShardCacheState } from '#contracts';
import { CacheCounts, openLocalFiles, type FileSource } from '#stores';
import { ObjectServer } from '../../../../test/support/object-server/object-server.js';
import { CacheWatch } from './cache-watch.js';

let server: ObjectServer;
let folder: string;
beforeEach(async () => {
  server = await ObjectServer.start();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-watch-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('CacheWatch', () => {
  it('tells how the cache fills, goes on where it cannot be listed, and ends when it is closed', async () => {
    const cache = join(folder, 'cache');
    const source: FileSource = {
      location: `${server.url}/data/`,
      settings: { cache: { folder: cache, maxBytes: 1e6 }, s3PathStyle: 'auto', isS3Anonymous: false },
    };
    const files = ['0.tar', '1.tar'].map((path) => {
      server.put(`data/${path}`, new Uint8Array(1_000));
      return { path, sizeBytes: 1_000, version: '' };
    });
    const counts = new CacheCounts();
    const looks: ShardCacheState[] = [];
    // A file where the folder of the cache should be.
    await writeFile(cache, '');
    const watch = new CacheWatch({
      source,
      files,
      counts,
      onLook: (state) => looks.push(state),
      everyMs: 2,
    });
    await rm(cache);
    await mkdir(cache);
    const local = openLocalFiles(source, { counts });
    for (const numFilesHere of [0, 1, 2]) {
      const file = files[numFilesHere - 1];
      if (file !== undefined) await local.pathOf(file);
      while (looks.at(-1)?.numFilesHere !== numFilesHere) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    local.close();
    await watch.close();
    expect(looks.at(-1)).toEqual({
      numFiles: 2,
      numFilesHere: 2,
      numBytes: 2_000,
      numBytesHere: 2_000,
      maxBytes: 1e6,
      numHits: 0,
      numMisses: 2,
      fetchedBytes: 2_000,
    });
    const numLooks = looks.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(looks).toHaveLength(numLooks);
  });
});
