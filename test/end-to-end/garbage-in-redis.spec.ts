import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REDIS_KEYS } from '#queue';
import { createRedisConnection } from '#queue';
import { silentLogger } from '#telemetry';
import { isWhole, TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;

describe('garbage in Redis', () => {
  let world: TrainingStack;
  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 2 });
  }, TIMEOUT_MS);
  afterAll(async () => await world[Symbol.asyncDispose](), TIMEOUT_MS);

  it(
    'changes no weights and ends no process',
    async () => {
      const undisturbed = await world.finished(await world.submit());
      const pids = world.stack.processes().map(({ pid }) => pid);
      const id = await world.submit();
      await world.atStep(id, 8);
      const redis = createRedisConnection(world.stack.redisUrl, { purpose: 'commands', logger: silentLogger() });
      await redis.set(REDIS_KEYS.plan(id), '{"runId":');
      await redis.set(REDIS_KEYS.worker('nobody'), 'not JSON', 'PX', 5_000);
      await redis.set(REDIS_KEYS.worker('nothing'), '{}', 'PX', 5_000);
      await redis.hset(REDIS_KEYS.assignments, 'worker-1', '[1, 2]');
      await redis.hset(REDIS_KEYS.assignments, 'nobody', '{"runId": 3}');
      await redis.xadd(REDIS_KEYS.reports, '*', 'json', '{"kind":"finished","runId":"x"}');
      await redis.xadd(REDIS_KEYS.reports, '*', 'other', 'field');
      await redis.publish(REDIS_KEYS.notify, '\u0000\u0001');
      // Keys of another type than they should have.
      await redis.del(REDIS_KEYS.worker('list'));
      await redis.rpush(REDIS_KEYS.worker('list'), 'a');
      await redis.expire(REDIS_KEYS.worker('list'), 5);
      redis.disconnect();
      const view = await world.finished(id);
      expect(view.weightsSha256).toBe(undisturbed.weightsSha256);
      expect(isWhole(view)).toBe(true);
      expect(view.incarnation).toBe(1);
      expect(world.stack.processes().map(({ pid }) => pid)).toEqual(pids);
    },
    TIMEOUT_MS,
  );
});
