import type { Scenario } from '../scenario.js';
import { startRedisServer } from '../redis-server.js';

export const foreignRedis: Scenario = {
  name: 'foreign-redis',
  about: 'a stack on a Redis that somebody else runs trains to the same weights',
  packages: [],
  async run(operation) {
    const redis = await startRedisServer(operation, 'redis');
    const stack = await operation.startStack({ redisUrl: redis.url });
    await operation.endsAsUndisturbed(stack, await stack.submit());
  },
};
