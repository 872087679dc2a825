import { startRedisProxy } from '../haproxy.js';
import type { Operation } from '../operation.js';
import { startRedisServer, type RedisServer } from '../redis-server.js';
import type { Scenario } from '../scenario.js';

const QUIET_MS = 15_000;
/** Of a worker that waits: some looks, each of them all its rights and more. */
const MOST_COMMANDS_A_SECOND = 60;

export const redisFailover: Scenario = {
  name: 'redis-failover',
  about:
    'two Redis behind HAProxy: the primary is demoted in the middle and keeps its connections; the weights are the same',
  packages: ['haproxy'],
  async run(operation) {
    const [first, second] = [await startRedisServer(operation, 'redis1'), await startRedisServer(operation, 'redis2')];
    await follow(operation, second, first);
    const { port } = await startRedisProxy(operation, { servers: [first.port, second.port] });
    const redisUrl = `redis://127.0.0.1:${port}`;
    const stack = await operation.startStack({ redisUrl });
    const id = await stack.submit();
    await stack.atStep(id, 8);
    // In this order there is a moment with two replicas and no primary, in which nothing can be written.
    await first.command('REPLICAOF', '127.0.0.1', String(second.port));
    const notReady = await operation.until(
      'a coordinator that is not ready',
      async () => (await fetch(`${stack.stack.url}/health/ready`)).text(),
      (body) => /read-only replica/.test(body),
    );
    operation.note(`meanwhile: ${notReady}`);
    await second.command('REPLICAOF', 'NO', 'ONE');
    const view = await operation.endsAsUndisturbed(stack, id);
    operation.note(`the run ended with incarnation ${view.incarnation}`);
    await operation.until(
      'a coordinator that is ready',
      async () => (await fetch(`${stack.stack.url}/health/ready`)).status,
      (status) => status === 200,
    );
    await waitsQuietly(operation, second);
  },
};

async function follow(operation: Operation, replica: RedisServer, primary: RedisServer): Promise<void> {
  await replica.command('REPLICAOF', '127.0.0.1', String(primary.port));
  await operation.until(
    'replication',
    () => replica.command('INFO', 'replication'),
    (info) => /master_link_status:up/.test(String(info)),
  );
}

/** A worker that is started against a replica asks now and then, and works when that has become the primary. */
async function waitsQuietly(operation: Operation, primary: RedisServer): Promise<void> {
  const replica = await startRedisServer(operation, 'redis3');
  await follow(operation, replica, primary);
  const before = await numCommands(replica);
  const env = { REDIS_URL: replica.url, SKIPLANE_DEVICE: 'cpu', SKIPLANE_WORKER_ID: 'early' };
  const worker = operation.startApp('worker', env, 'early');
  await operation.until(
    'words',
    () => operation.log('early'),
    (log) => /is a replica: it was demoted, or REDIS_URL does not lead to the primary; waiting for it/.test(log),
  );
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const perSecond = ((await numCommands(replica)) - before) / (QUIET_MS / 1_000);
  operation.note(`${perSecond.toFixed(0)} commands a second`);
  if (perSecond > MOST_COMMANDS_A_SECOND) throw new Error(`${perSecond.toFixed(0)} commands a second are no waiting`);
  await replica.command('REPLICAOF', 'NO', 'ONE');
  await operation.until(
    'a heartbeat',
    () => replica.command('GET', 'skiplane:worker:early'),
    (beat) => beat !== null,
  );
  await worker.stop();
}

const numCommands = async (redis: RedisServer): Promise<number> =>
  Number(/total_commands_processed:(\d+)/.exec(String(await redis.command('INFO', 'stats')))?.[1]);
