import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runSpecSchema, type DatasetSpec } from '#contracts';
import { findIndexFile, indexKey, KeptDatasets, readShared } from '#dataset';
import { IndexBoard, REDIS_KEYS } from '#queue';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

describe('the index of a data set', () => {
  let stack: TestStack;
  let dataset: DatasetSpec;
  let digest: string;
  let key: string;
  beforeAll(async () => {
    stack = await TestStack.open();
    ({ dataset } = runSpecSchema.parse(stack.spec()));
    const folder = join(stack.directory, 'data', 'datasets');
    ({ digest } = await new KeptDatasets({ folder }).inspect(dataset));
    key = indexKey(dataset, digest);
    await stack.start();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const board = (): IndexBoard => new IndexBoard(stack.redis);

  it('is in Redis while a run needs it, and comes back when Redis has lost it', async () => {
    expect(await board().take(key, { timeoutMs: 0 })).toBeNull();
    expect((await stack.post('/v1/runs', stack.spec())).status).toBe(201);
    const kept = await readShared(
      (await findIndexFile(join(stack.directory, 'data', 'datasets'), dataset, digest)) ?? '',
    );
    expect(await board().take(key, { timeoutMs: 10_000 })).toEqual(kept);
    await stack.redis.flushall();
    await stack.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await board().take(key, { timeoutMs: 10_000 })).toEqual(kept);
  });

  it('is said not to be there where the coordinator has none', async () => {
    await rm(join(stack.directory, 'data', 'datasets'), { recursive: true });
    await stack.redis.del(REDIS_KEYS.index(key));
    await stack.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const manifest = await until(
      () => stack.redis.get(REDIS_KEYS.index(key)),
      (text) => text !== null,
    );
    expect(manifest).toContain('"sizeBytes":0');
    expect(await board().take(key, { timeoutMs: 10_000 })).toBeNull();
  });
});
