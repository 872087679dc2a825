import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { PredictionAnswer, PredictionJob } from '#contracts';
import { silentLogger } from '#telemetry';
import { startEmbeddedRedis, type EmbeddedRedis } from './embedded-redis/start-embedded-redis.js';
import { PredictionQueue, PredictionTimeoutError } from './prediction-queue.js';
import { PredictionServer } from './prediction-server.js';
import { createRedisConnection } from './redis-connection.js';

const logger = silentLogger();
const HOUR_MS = 3_600_000;
const signal = new AbortController().signal;
const answer: PredictionAnswer = { ok: true, width: 1, height: 1, classes: [], overlayOf: null };
const job = {
  model: { architecture: 'resnet20', numClasses: 2 },
  weightsPath: '/w',
  weightsSha256: null,
  imagePath: '/i',
  top: 1,
  overlay: null,
} as unknown as Omit<PredictionJob, 'deadline'>;

let directory: string;
let redisServer: EmbeddedRedis;
let redis: Redis;
const closers: (() => Promise<unknown> | void)[] = [];
const realNow = Date.now.bind(Date);
/** As on a host whose clock is off: BullMQ writes such times, too. */
const setClock = (byMs: number): void => void jest.spyOn(Date, 'now').mockImplementation(() => realNow() + byMs);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-predictions-'));
  redisServer = await startEmbeddedRedis({ dataDirectory: directory });
  redis = createRedisConnection(redisServer.url, { purpose: 'commands', logger });
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of closers.splice(0).toReversed()) await close();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await redisServer.stop();
  await rm(directory, { recursive: true, force: true });
});

function openQueue(): PredictionQueue {
  const queue = new PredictionQueue({ redis, logger });
  closers.push(() => queue.close());
  return queue;
}

/** Predicts until it is closed. */
function serve(): () => Promise<void> {
  const connection = createRedisConnection(redisServer.url, { purpose: 'blocking', logger });
  const server = new PredictionServer({ connection, logger, predict: () => Promise.resolve(answer) });
  server.start();
  const close = async (): Promise<void> => {
    await server.close();
    connection.disconnect();
  };
  closers.push(close);
  return close;
}

describe('predictions between hosts whose clocks differ', () => {
  it.each([HOUR_MS, -HOUR_MS])('are made by a worker whose clock is %p ms ahead', async (byMs) => {
    const asked = openQueue().ask(job, 20_000, signal);
    setClock(byMs);
    serve();
    expect(await asked).toEqual(answer);
  });

  it('stay until they were read, whatever clock ends the next one', async () => {
    const queue = openQueue();
    setClock(-HOUR_MS);
    const close = serve();
    await queue.ask(job, 20_000, signal);
    await close();
    setClock(HOUR_MS);
    serve();
    await queue.ask(job, 20_000, signal);
    expect(await redis.zcard('skiplane-queue:predictions:completed')).toBe(2);
  });

  it('are given up in time, and not made after that', async () => {
    const queue = openQueue();
    setClock(-HOUR_MS);
    await expect(queue.ask(job, 300, signal)).rejects.toThrow(PredictionTimeoutError);
    expect(await redis.llen('skiplane-queue:predictions:wait')).toBe(0);
  });
});
