import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ObjectServer } from '../support/object-server/object-server.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
const VARIABLES = {
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Real processes, and a server of objects that is not always well. */
describe('a run whose images lie in a bucket', () => {
  let server: ObjectServer;
  let world: TrainingStack;
  let cache: string;
  const before = { ...process.env };

  beforeAll(async () => {
    server = await ObjectServer.start();
    cache = await mkdtemp(join(tmpdir(), 'skiplane-shards-'));
    Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL_S3: server.url, SKIPLANE_SHARD_CACHE: cache });
    world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
    // As on another host.
    await world.stack.addWorker({ SKIPLANE_SHARD_CACHE: join(cache, 'other') });
    const images = join(world.folder, 'shapes');
    for (const entry of await readdir(images, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const path = join(entry.parentPath, entry.name);
      server.put(`bucket/shapes/${relative(images, path)}`, await readFile(path));
    }
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const name of ['AWS_ENDPOINT_URL_S3', 'SKIPLANE_SHARD_CACHE', ...Object.keys(VARIABLES)]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await world[Symbol.asyncDispose]();
    await server.close();
    await rm(cache, { recursive: true });
  }, TIMEOUT_MS);

  it(
    'has the bits of the run from disk on two workers, through a kill and a store that fails now and then',
    async () => {
      const fromDisk = await world.finished(await world.submit(world.spec({ workers: { min: 2, max: 2 } })));
      for (let times = 0; times < 20; times += 1)
        server.faults.push({ times: 1, path: `${times}.jpg`, what: { kind: 'status', status: 503, code: 'SlowDown' } });
      server.faults.push({ times: 5, method: 'GET', what: { kind: 'cut', afterBytes: 100 } });
      const numBefore = server.requests.length;
      const dataset = { kind: 'image-folder', path: 's3://bucket/shapes' } as const;
      const id = await world.submit(world.spec({ dataset }));
      const { shardCaches } = await world.atStep(id, 5);
      // Both workers are of this host; the one that has more is shown.
      expect(shardCaches).toEqual([expect.objectContaining({ host: hostname(), numMisses: expect.anything() })]);
      expect(shardCaches[0]?.numFiles).toBeGreaterThanOrEqual(shardCaches[0]?.numFilesHere ?? Infinity);
      expect(shardCaches[0]?.numFilesHere).toBeGreaterThan(0);
      await world.stack.kill(world.stack.workers()[0]?.name ?? '');
      const stored = await world.finished(id);
      const gets = server.requests.slice(numBefore).filter((request) => request.startsWith('GET'));
      expect(isWhole(stored)).toBe(true);
      expect(stored.weightsSha256).toBe(fromDisk.weightsSha256);
      expect(stored.dataset.digest).toBe(fromDisk.dataset.digest);
      // Two looks of the survey and one fetching a host, not four epochs of two.
      expect(gets.length).toBeLessThan(5 * 380);
      for (const folder of [cache, join(cache, 'other')]) expect((await readdir(folder)).length).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );
});
