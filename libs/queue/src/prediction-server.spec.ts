import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { modelSchema, type PredictionJob } from '#contracts';
import { silentLogger } from '#telemetry';
import { freePort } from './embedded-redis/free-port.js';
import { startEmbeddedRedis, type EmbeddedRedis } from './embedded-redis/start-embedded-redis.js';
import { PredictionQueue } from './prediction-queue.js';
import { PredictionServer } from './prediction-server.js';
import { createRedisConnection } from './redis-connection.js';

const logger = silentLogger();
/** A loop at full speed does thousands in this time. */
const WATCH_MS = 1_500;
const [MOST_COMMANDS, PREDICTION_WITHIN_MS] = [60, 20_000];

const JOB: Omit<PredictionJob, 'deadline'> = {
  model: modelSchema.parse({ architecture: 'resnet20', numClasses: 10, imageSize: 16 }),
  precision: 'fp32',
  weightsPath: '/nowhere',
  weightsSha256: null,
  imagePath: '/nowhere',
  orientation: 'upright',
  top: 1,
  overlay: null,
};

let directory: string;
let redis: EmbeddedRedis;
let admin: Redis;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-predictions-'));
  redis = await startEmbeddedRedis({ dataDirectory: directory });
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
  await rm(directory, { recursive: true, force: true });
});

const numCommands = async (): Promise<number> =>
  Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))?.[1]);

describe('a prediction server', () => {
  it.each([
    {
      name: 'a Redis that is a replica',
      spoil: async () => admin.call('REPLICAOF', '127.0.0.1', String(await freePort())),
      mend: () => admin.call('REPLICAOF', 'NO', 'ONE'),
    },
    {
      name: 'a user without the right to run scripts',
      spoil: () => admin.call('ACL', 'SETUSER', 'default', '-evalsha', '-eval'),
      mend: () => admin.call('ACL', 'SETUSER', 'default', '+@all'),
    },
    {
      name: 'a user without the right to INFO',
      spoil: () => admin.call('ACL', 'SETUSER', 'worker', 'on', '>pw', '~*', '&*', '+@all', '-info'),
      mend: () => admin.call('ACL', 'SETUSER', 'worker', '+info'),
      user: 'worker:pw@',
    },
  ])('waits with pauses at $name, and predicts when that is mended', async ({ spoil, mend, user = '' }) => {
    await spoil();
    const connection = createRedisConnection(redis.url.replace('//', `//${user}`), { purpose: 'blocking', logger });
    const predict = (): Promise<never> => Promise.reject(new Error('as it should'));
    const server = new PredictionServer({ connection, logger, predict });
    try {
      const before = await numCommands();
      server.start();
      // It is about what does not happen: there is nothing to wait for.
      await delay(WATCH_MS);
      expect((await numCommands()) - before).toBeLessThan(MOST_COMMANDS);
      await mend();
      const commands = createRedisConnection(redis.url, { purpose: 'commands', logger });
      const queue = new PredictionQueue({ redis: commands, logger });
      const answer = queue.ask(JOB, PREDICTION_WITHIN_MS, AbortSignal.timeout(PREDICTION_WITHIN_MS));
      await expect(answer).rejects.toThrow('as it should');
      await queue.close();
      commands.disconnect();
    } finally {
      await mend();
      await server.close();
      connection.disconnect();
    }
  });
});
