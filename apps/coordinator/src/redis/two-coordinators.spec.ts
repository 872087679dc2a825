import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { REDIS_KEYS } from '#queue';
import type { LockLostError } from '#files';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(30_000);

const ready = async (url: string): Promise<{ status: number; detail?: string }> => {
  const response = await fetch(`${url}/health/ready`);
  const body = (await response.json()) as { detail?: string };
  return { status: response.status, ...(body.detail === undefined ? {} : { detail: body.detail }) };
};

describe('two coordinators', () => {
  it('with a data folder each do not work on one Redis: the second waits until the first has gone', async () => {
    await using first = await TestStack.open();
    await first.start();
    await until(
      () => first.redis.get(REDIS_KEYS.coordinator),
      (text) => text !== null,
    );
    await using second = await TestStack.open();
    await second.start({ redisUrl: first.server.url });
    const refused = await until(
      () => ready(second.url),
      ({ status }) => status === 503,
    );
    expect(refused.detail).toMatch(/another coordinator \(on .+, with .+\) works on this Redis/);
    const response = await second.post('/v1/runs', second.spec());
    expect(response.status).toBe(503);
    expect(await response.text()).toMatch(/works on this Redis: .+; the run was not taken, try again/);
    expect(await ready(first.url)).toEqual({ status: 200 });

    await first.stop();
    await until(
      () => ready(second.url),
      ({ status }) => status === 200,
    );
    await second.stop();
  });

  it('on one data folder: the one that was taken for dead ends and writes nothing any more', async () => {
    await using stack = await TestStack.open();
    const replaced = new Promise<LockLostError>((resolve) => {
      void stack.start({}, { onReplaced: resolve });
    });
    const data = join(stack.directory, 'data');
    await until(
      () => readdir(data).catch((): string[] => []),
      (names) => names.includes('coordinator.lock'),
    );
    await writeFile(join(data, 'coordinator.lock'), 'of another');
    expect((await replaced).message).toMatch(/another process has taken over .+, because this one was silent/);
  });
});
