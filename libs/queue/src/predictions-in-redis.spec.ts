import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { PredictionAnswer, PredictionJob } from '#contracts';
import { silentLogger } from '#telemetry';
import { PredictionQueue, PredictionTimeoutError } from './prediction-queue.js';
import { PredictionServer } from './prediction-server.js';
import { TestRedis } from './testing/test-redis.js';

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

const test = new TestRedis();
const realNow = Date.now.bind(Date);
/** As on a host whose clock is off: BullMQ writes such times, too. */
const setClock = (byMs: number): void => void jest.spyOn(Date, 'now').mockImplementation(() => realNow() + byMs);

afterEach(() => {
  jest.restoreAllMocks();
});

function openQueue(): PredictionQueue {
  const queue = new PredictionQueue({ redis: test.commands, logger });
  test.afterTest(() => queue.close());
  return queue;
}

/** Predicts until it is closed. */
function serve(): () => Promise<void> {
  const connection = test.connect('blocking');
  const server = new PredictionServer({ connection, logger, predict: () => Promise.resolve(answer) });
  server.start();
  const close = async (): Promise<void> => {
    await server.close();
    connection.disconnect();
  };
  test.afterTest(close);
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
    expect(await test.commands.zcard('skiplane-queue:predictions:completed')).toBe(2);
  });

  it('are given up in time, and not made after that', async () => {
    const queue = openQueue();
    setClock(-HOUR_MS);
    await expect(queue.ask(job, 300, signal)).rejects.toThrow(PredictionTimeoutError);
    expect(await test.commands.llen('skiplane-queue:predictions:wait')).toBe(0);
  });
});
