import { readdir } from 'node:fs/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { freePort, REDIS_ACL_RULE } from '#queue';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

const ready = async (url: string): Promise<{ status: number; detail: string }> => {
  const response = await fetch(`${url}/health/ready`);
  const { detail = '' } = (await response.json()) as { detail?: string };
  return { status: response.status, detail };
};

const isReady = async (stack: TestStack): Promise<unknown> =>
  until(
    () => ready(stack.url),
    ({ status }) => status === 200,
  );

const whyNotReady = async (stack: TestStack, words: RegExp): Promise<unknown> =>
  until(
    () => ready(stack.url),
    ({ status, detail }) => status === 503 && words.test(detail),
    { what: String(words) },
  );

describe('a Redis that answers PING and is of no use', () => {
  it('demoted to a replica: readiness and the runs that wait say so, until it is a primary again', async () => {
    await using stack = await TestStack.open();
    await stack.start();
    const { id } = await stack.submit();
    await until(
      () => stack.run(id),
      ({ reason }) => /no worker/.test(reason ?? ''),
    );
    await stack.redis.call('REPLICAOF', '127.0.0.1', String(await freePort()));
    await whyNotReady(stack, /is a read-only replica: it was demoted, or REDIS_URL does not lead to the primary/);
    expect(await stack.run(id)).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('runs and workers cannot be looked after: Redis at'),
    });
    await stack.redis.call('REPLICAOF', 'NO', 'ONE');
    await isReady(stack);
    await until(
      () => stack.run(id),
      ({ reason }) => /no worker/.test(reason ?? ''),
    );
    await stack.fleet.add('w1');
    await until(
      () => stack.run(id),
      ({ state }) => state === 'finished',
    );
  });

  it('with a user that loses a right: readiness names it, until it is granted again', async () => {
    await using stack = await TestStack.open();
    const user = (...rules: readonly string[]): Promise<unknown> =>
      stack.redis.call('ACL', 'SETUSER', 'skiplane', ...rules);
    await user('on', '>secret', ...REDIS_ACL_RULE.split(' '));
    await stack.start({ redisUrl: stack.server.url.replace('//', '//skiplane:secret@') });
    await isReady(stack);
    for (const [command, words] of [
      ['scan', /runs and workers cannot be looked after: Redis at .* refuses its user a right \(NOPERM.*'scan'/],
      ['xread', /the workers' reports cannot be taken in: Redis at .* refuses its user a right \(NOPERM.*'xread'/],
    ] as const) {
      await user(`-${command}`);
      await whyNotReady(stack, words);
      await user(`+${command}`);
      await isReady(stack);
    }
    // Its password, too: the connections that stand are cut.
    await user('resetpass', '>another');
    await stack.redis.call('CLIENT', 'KILL', 'USER', 'skiplane');
    await whyNotReady(stack, /does not take the user and password of REDIS_URL/);
    expect((await ready(stack.url)).detail).not.toContain('secret');
    await user('>secret');
    await isReady(stack);
  });
});

describe('a Redis that is not there', () => {
  it('keeps the coordinator from no orderly end', async () => {
    await using stack = await TestStack.open();
    await stack.start({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
    await whyNotReady(stack, /cannot be reached: nothing listens there/);
    const begun = performance.now();
    await stack.stop();
    // Of the nine seconds after which a process that hangs is cut off.
    expect(performance.now() - begun).toBeLessThan(6_000);
    expect(await readdir(stack.config().dataDirectory)).not.toContain('coordinator.lock');
  });
});
