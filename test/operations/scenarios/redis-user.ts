import { REDIS_ACL_RULE } from '#queue';
import type { Operation } from '../operation.js';
import { startRedisServer } from '../redis-server.js';
import type { Scenario } from '../scenario.js';

/** One of each way in which a right can be missing; a spec of libs/queue has every single command. */
const LACKS: readonly (readonly [string, string])[] = [
  ['-info', 'the command info'],
  ['-evalsha', 'the command evalsha'],
  ['-xadd', 'the command xadd'],
  ['-subscribe', 'the command subscribe'],
  ['resetchannels', 'the channel skiplane:notify'],
  ['resetkeys ~skiplane:*', 'the keys skiplane-queue:*'],
];
/** A process that spins is not over by then. */
const ENDS_WITHIN_MS = 30_000;

export const redisUser: Scenario = {
  name: 'redis-user',
  about:
    'a Redis user with the rights of the README trains in a database of its own; one that lacks a right is told which',
  packages: [],
  async run(operation) {
    const redis = await startRedisServer(operation, 'redis');
    const password = operation.secret();
    const user = (...rules: readonly string[]): Promise<unknown> =>
      redis.command(
        'ACL',
        'SETUSER',
        'skiplane',
        'reset',
        'on',
        `>${password}`,
        ...REDIS_ACL_RULE.split(' '),
        ...rules,
      );
    const redisUrl = `redis://skiplane:${password}@127.0.0.1:${redis.port}/3`;
    for (const [rules, words] of LACKS) {
      await user(...rules.split(' '));
      for (const app of ['worker', 'coordinator']) await refuses(operation, { app, redisUrl, words });
    }
    await user();
    await redis.command('ACL', 'LOG', 'RESET');
    const stack = await operation.startStack({ redisUrl });
    await operation.endsAsUndisturbed(stack, await stack.submit());
    const refused = await redis.command('ACL', 'LOG');
    if (!Array.isArray(refused) || refused.length > 0)
      throw new Error(`something was refused in the training: ${JSON.stringify(refused)}`);
    if ((await redis.command('DBSIZE')) !== 0) throw new Error('something was written outside of database 3');
  },
};

async function refuses(
  operation: Operation,
  { app, redisUrl, words }: { readonly app: string; readonly redisUrl: string; readonly words: string },
): Promise<void> {
  const name = `${app}-${operation.secret()}`;
  const env = {
    REDIS_URL: redisUrl,
    PORT: String(await operation.freePort()),
    SKIPLANE_DATA_DIR: operation.folder,
    SKIPLANE_DEVICE: 'cpu',
  };
  const program = operation.startApp(app, env, name);
  await operation.ended(program, ENDS_WITHIN_MS);
  const said = await operation.log(name);
  if (!said.includes(`may not use ${words} of Redis`) || !said.includes('Grant it: ACL SETUSER'))
    throw new Error(`${app} does not say ${words}: ${said}`);
}
