import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from '#contracts';
import { inBucket, type Bucket } from '../support/object-server/in-bucket.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
const STORE = 's3://bucket/runs';

/** Real processes, and a server of objects that is not always well. */
describe('a run whose images and checkpoints lie in a bucket', () => {
  let bucket: Bucket;
  let world: TrainingStack;
  let cache: string;

  beforeAll(async () => {
    bucket = await inBucket();
    cache = bucket.settings.cache.folder;
    world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
    // As on another host.
    await world.stack.addWorker({ SKIPLANE_SHARD_CACHE: join(cache, 'other') });
    const images = join(world.folder, 'shapes');
    for (const entry of await readdir(images, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const path = join(entry.parentPath, entry.name);
      bucket.server.put(`bucket/shapes/${relative(images, path)}`, await readFile(path));
    }
  }, TIMEOUT_MS);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  it(
    'has the bits of the run from disk on two workers, after all were killed, from a store that fails now and then',
    async () => {
      const { server } = bucket;
      const fromDisk = await world.finished(await world.submit(world.spec({ workers: { min: 2, max: 2 } })));
      for (let times = 0; times < 20; times += 1)
        server.faults.push({ times: 1, path: `${times}.jpg`, what: { kind: 'status', status: 503, code: 'SlowDown' } });
      server.faults.push({ times: 5, method: 'GET', what: { kind: 'cut', afterBytes: 100 } });
      const numBefore = server.requests.length;
      const dataset = { kind: 'image-folder', path: 's3://bucket/shapes' } as const;
      const id = await world.submit(world.spec({ dataset, checkpoint: { everySteps: 5, keep: 2, store: STORE } }));
      const isStored = ({ checkpoints }: RunView): boolean => checkpoints.length > 0;
      const { shardCaches } = await world.until(id, 'a checkpoint in the bucket', isStored);
      // Both workers are of this host; the one that has more is shown.
      expect(shardCaches).toEqual([expect.objectContaining({ host: hostname(), numMisses: expect.anything() })]);
      expect(shardCaches[0]?.numFiles).toBeGreaterThanOrEqual(shardCaches[0]?.numFilesHere ?? Infinity);
      expect(shardCaches[0]?.numFilesHere).toBeGreaterThan(0);
      await Promise.all(world.stack.workers().map(({ name }) => world.stack.kill(name)));
      const stored = await world.finished(id);
      const gets = server.requests.slice(numBefore).filter((request) => request.startsWith('GET'));
      expect(isWhole(stored)).toBe(true);
      expect(stored.weightsSha256).toBe(fromDisk.weightsSha256);
      expect(stored.dataset.digest).toBe(fromDisk.dataset.digest);
      expect(stored.incarnation).toBe(2);
      const manifests = [...server.objects.keys()].filter((key) => key.endsWith('checkpoint.json'));
      const places = stored.checkpoints.map(({ directory }) => directory);
      expect(places).toEqual([
        expect.stringMatching(`^${STORE}/${id}/step-00000035-[0-9a-f]{12}$`),
        expect.stringMatching(`^${STORE}/${id}/step-00000040-[0-9a-f]{12}$`),
      ]);
      expect(manifests.toSorted()).toEqual(places.map((place) => `${place.slice('s3://'.length)}/checkpoint.json`));
      expect(await readdir(join(world.folder, 'data', 'checkpoints', id)).catch(() => 'none')).toBe('none');
      // Two looks of the survey and one fetching a host, not four epochs of two.
      expect(gets.length).toBeLessThan(5 * 380);
      for (const folder of [cache, join(cache, 'other')]) expect((await readdir(folder)).length).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );
});
