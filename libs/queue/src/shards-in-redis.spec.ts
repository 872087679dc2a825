import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { REDIS_KEYS } from './redis-keys.js';
import { type Report, type RunPlan, type Shard } from '#contracts';
import { silentLogger } from '#telemetry';
import { AssignmentBoard, planText } from './assignment-board.js';
import { startEmbeddedRedis, type EmbeddedRedis } from './embedded-redis/start-embedded-redis.js';
import { LaneLeases } from './lane-leases.js';
import { createRedisConnection } from './redis-connection.js';
import { ReportReader } from './report-reader.js';
import { planShards, shardJobId } from './shard-planner.js';
import { ShardQueue } from './shard-queue.js';
import { timeOf } from './stream-id.js';
import { readWorkers } from './worker-registry.js';

const logger = silentLogger();
const timeline = {
  kind: 'training',
  numTrainSamples: 8,
  numValidationSamples: 2,
  lanes: 2,
  laneBatchSize: 2,
  epochs: 3,
} as const;

let directory: string;
let server: EmbeddedRedis;
let redis: Redis;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-queue-'));
  server = await startEmbeddedRedis({ dataDirectory: directory });
  redis = createRedisConnection(server.url, { purpose: 'commands', logger });
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

function openQueue(incarnation = 1): ShardQueue {
  const queue = new ShardQueue({ redis, runId: 'r', incarnation, logger });
  closers.push(() => queue.close());
  return queue;
}

function openLeases(queue: ShardQueue, workerId: string, connection = redis): LaneLeases {
  const blockingConnection = createRedisConnection(server.url, { purpose: 'blocking', logger });
  const leases = new LaneLeases({
    queueName: queue.name,
    connection,
    blockingConnection,
    workerId,
    logger,
    onLost: () => undefined,
  });
  closers.push(async () => {
    await leases.close();
    blockingConnection.disconnect();
  });
  return leases;
}

const shards = (incarnation = 1): Shard[] => planShards({ runId: 'r', timeline, incarnation, startRound: 0 });

describe('ShardQueue', () => {
  it('hands shards out in the order of the plan', async () => {
    const queue = openQueue();
    await queue.add(shards());
    const leases = openLeases(queue, 'w1');
    const fetched = [];
    for (let lease = await leases.fetch(); lease !== null; lease = await leases.fetch()) fetched.push(lease);
    expect(fetched.map(({ shard }) => shard)).toEqual(shards());
    expect(fetched.map(({ leaseId }) => leaseId)).toEqual(shards().map(shardJobId));
  });

  async function oneDoneOneHeld() {
    const queue = openQueue();
    await queue.add(shards());
    const leases = openLeases(queue, 'w1');
    const done = await leases.fetch();
    const held = await leases.fetch();
    await leases.complete(done?.leaseId ?? '');
    return { queue, leases, done, held };
  }

  it('is not changed by shards that it has had before, waiting, leased or done', async () => {
    const { queue, leases, held } = await oneDoneOneHeld();
    await queue.add(shards());
    expect(await queue.queue.getJobCounts('completed', 'active', 'prioritized')).toEqual({
      completed: 1,
      active: 1,
      prioritized: shards().length - 2,
    });
    expect((await leases.fetch())?.leaseId).toBe(shardJobId(shards()[2] ?? throwEmpty()));
    expect(held?.leaseId).toBe(shardJobId(shards()[1] ?? throwEmpty()));
  });

  it('plans a shard anew that is done or gone when it is told to, and leaves one alone that is waiting or leased', async () => {
    const { queue, leases, done, held } = await oneDoneOneHeld();
    const [first, second, third, fourth] = shards();
    await queue.queue.remove(shardJobId(fourth ?? throwEmpty()));
    const asked = [first, second, third, fourth].map((shard) => shard ?? throwEmpty());
    expect(await queue.reopen(asked)).toBe(2);
    expect(await queue.reopen(asked)).toBe(0);
    expect((await leases.fetch())?.leaseId).toBe(done?.leaseId);
    expect(held?.leaseId).toBe(shardJobId(second ?? throwEmpty()));
    expect(await queue.queue.getPrioritizedCount()).toBe(shards().length - 2);
  });

  it('hands a shard that was put back out first', async () => {
    const queue = openQueue();
    await queue.add(shards());
    const [first, second] = [openLeases(queue, 'w1'), openLeases(queue, 'w2')];
    const lease = await first.fetch();
    await first.release(lease?.leaseId ?? '');
    expect((await second.fetch())?.leaseId).toBe(lease?.leaseId);
  });

  it('hands out what a dead worker held, also where Redis was away when it was noticed', async () => {
    const queue = openQueue();
    await queue.add(shards());
    const lease = await openLeases(queue, 'w1').fetch();
    const connection = createRedisConnection(server.url, { purpose: 'commands', logger });
    closers.push(async () => connection.disconnect());
    const survivor = openLeases(queue, 'w2', connection);
    const held = await survivor.fetch();
    connection.disconnect();
    await expect(survivor.reclaim('w1')).rejects.toThrow();
    await survivor.renew();
    await connection.connect();
    expect((await survivor.fetch())?.leaseId).toBe(lease?.leaseId);
    expect(held?.leaseId).not.toBe(lease?.leaseId);
    // What others hold is theirs.
    expect(await openLeases(queue, 'w3').fetch()).not.toBeNull();
    expect(await survivor.reclaim('w1')).toBe(0);
  });

  it('takes the same shards in another incarnation, whatever became of them in the first', async () => {
    const [older, newer] = [openQueue(1), openQueue(2)];
    await older.add(shards());
    const leases = openLeases(older, 'w1');
    await leases.complete((await leases.fetch())?.leaseId ?? '');
    await newer.add(shards(2));
    expect(await newer.queue.getPrioritizedCount()).toBe(shards().length);
  });

  it('is gone when it is obliterated, leases and all', async () => {
    const queue = openQueue();
    await queue.add(shards());
    expect(await ShardQueue.exists(redis, 'r', 1)).toBe(true);
    await openLeases(queue, 'w1').fetch();
    await queue.obliterate();
    expect(await ShardQueue.exists(redis, 'r', 1)).toBe(false);
    expect(await queue.queue.getJobCounts('active', 'prioritized')).toEqual({ active: 0, prioritized: 0 });
  });

  it('puts failed shards back', async () => {
    const queue = openQueue();
    // No worker of ours fails a shard; a job that is none is failed by who fetches it.
    await queue.queue.add('rubbish', { lane: 'x' } as unknown as Shard, { jobId: 'rubbish' });
    expect(await openLeases(queue, 'w1').fetch()).toBeNull();
    expect(await queue.retryFailed()).toBe(1);
    expect(await queue.retryFailed()).toBe(0);
  });
});

describe('ReportReader', () => {
  const report = (message: string): Report => ({ kind: 'failed', runId: 'r', incarnation: 1, workerId: 'w', message });
  const send = (value: unknown): Promise<unknown> =>
    redis.xadd(REDIS_KEYS.reports, '*', 'json', typeof value === 'string' ? value : JSON.stringify(value));

  const saved = { id: '0' };
  beforeEach(() => {
    saved.id = '0';
  });

  function follow(
    afterId: string,
    keptMs?: number,
  ): { messages: string[]; ids: string[]; reached: (count: number) => Promise<void> } {
    const messages: string[] = [];
    const ids: string[] = [];
    let wake: () => void = () => undefined;
    const reader = new ReportReader({
      redis: createRedisConnection(server.url, { purpose: 'blocking', logger }),
      afterId,
      logger,
      savedId: () => saved.id,
      ...(keptMs !== undefined && { keptMs }),
      onReport: ({ report: one }, id) => {
        if (one.kind === 'failed') messages.push(one.message);
        ids.push(id);
        wake();
      },
    });
    reader.start();
    closers.push(() => reader.close());
    const reached = async (count: number): Promise<void> => {
      while (messages.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    return { messages, ids, reached };
  }

  it('says how long ago a report was made: on its way, and in the stream by the clock of Redis', async () => {
    const [seconds] = await redis.time();
    const id = `${Number(seconds) * 1_000 - 60_000}-0`;
    await redis.xadd(REDIS_KEYS.reports, id, 'json', JSON.stringify(report('old')), 'ageMs', '30000');
    await send(report('new'));
    const ages: number[] = [];
    const now = jest.spyOn(Date, 'now').mockReturnValue(0);
    await new Promise<void>((resolve) => {
      const reader = new ReportReader({
        redis: createRedisConnection(server.url, { purpose: 'blocking', logger }),
        afterId: '0',
        savedId: () => '0',
        logger,
        onReport: ({ ageMs }) => {
          if (ages.push(ageMs) === 2) resolve();
        },
      });
      closers.push(() => reader.close());
      reader.start();
    });
    now.mockRestore();
    expect(ages[0]).toBeGreaterThanOrEqual(90_000);
    expect(ages[0]).toBeLessThan(120_000);
    expect(ages[1]).toBeGreaterThanOrEqual(0);
    expect(ages[1]).toBeLessThan(30_000);
  });

  it('gives what was there and what comes, in order, and leaves out what is no report', async () => {
    await send(report('one'));
    await send('{"kind":');
    await send({ kind: 'unknown' });
    const reading = follow('0');
    await reading.reached(1);
    await send(report('two'));
    await reading.reached(2);
    expect(reading.messages).toEqual(['one', 'two']);
  });

  it('goes on after the id it is given', async () => {
    const id = String(await send(report('one')));
    await send(report('two'));
    const reading = follow(id);
    await reading.reached(1);
    expect(reading.messages).toEqual(['two']);
  });

  it('starts over on a server whose stream is younger than its place', async () => {
    await send(report('one'));
    const reading = follow('99999999999999-0');
    await reading.reached(1);
    expect(reading.messages).toEqual(['one']);
  });

  it('throws away what was saved long ago, and says so', async () => {
    const at = Date.now() - 10_000;
    const write = (time: number): Promise<unknown> =>
      redis.xadd(REDIS_KEYS.reports, `${time}-0`, 'json', JSON.stringify(report(String(time))));
    // Redis throws away whole blocks of a hundred entries.
    for (let index = 0; index < 500; index += 1) await write(at + index);
    const reading = follow('0', 1_000);
    await reading.reached(500);
    expect(await redis.xlen(REDIS_KEYS.reports)).toBe(500);
    await write(at + 9_000);
    await reading.reached(501);
    await write(at + 9_001);
    await reading.reached(502);
    expect(await redis.get(REDIS_KEYS.reportsForgotten)).toBeNull();
    saved.id = `${at + 1_450}-0`;
    await write(at + 9_002);
    await reading.reached(503);
    await write(at + 9_003);
    await reading.reached(504);
    expect(await redis.get(REDIS_KEYS.reportsForgotten)).toBe(`${at + 450}-0`);
    const [oldest] = await redis.xrange(REDIS_KEYS.reports, '-', '+', 'COUNT', 1);
    expect(timeOf(oldest?.[0] ?? '')).toBeGreaterThan(at + 200);
    expect(timeOf(oldest?.[0] ?? '')).toBeLessThanOrEqual(at + 450);
    expect(new Set(reading.messages).size).toBe(504);
  });

  it('hands a report out again when it could not be taken, and none that could', async () => {
    for (const message of ['one', 'two', 'three']) await send(report(message));
    const seen: string[] = [];
    const failures: unknown[] = [];
    await new Promise<void>((resolve) => {
      const reader = new ReportReader({
        redis: createRedisConnection(server.url, { purpose: 'blocking', logger }),
        afterId: '0',
        savedId: () => '0',
        logger,
        onReport: ({ report: one }) => {
          if (one.kind !== 'failed') return;
          seen.push(one.message);
          if (seen.length === 2) throw new Error('the disk is full');
          if (one.message === 'three') resolve();
        },
        onFailure: (error) => failures.push(String(error)),
      });
      closers.push(() => reader.close());
      reader.start();
    });
    expect(seen).toEqual(['one', 'two', 'two', 'three']);
    expect(failures).toEqual(['Error: the disk is full']);
  });
});

describe('AssignmentBoard', () => {
  it('writes what differs, takes away what is no longer wanted, and nudges only then', async () => {
    const board = new AssignmentBoard(redis);
    const heard: string[] = [];
    const subscriber = createRedisConnection(server.url, { purpose: 'subscriber', logger });
    closers.push(async () => subscriber.disconnect());
    const end = new Promise<void>((resolve) => {
      subscriber.on('message', (_channel: string, what: string) => (what === 'end' ? resolve() : heard.push(what)));
    });
    await subscriber.subscribe(REDIS_KEYS.notify);
    const assignment = { runId: 'r', incarnation: 1, coldStart: true };
    const both = new Map([
      ['a', assignment],
      ['b', assignment],
    ]);
    await board.writeAssignments(both);
    await board.writeAssignments(both);
    await board.writeAssignments(new Map([['b', { ...assignment, coldStart: false }]]));
    expect(Object.keys(await redis.hgetall(REDIS_KEYS.assignments))).toEqual(['b']);
    const plan = { runId: 'r' } as RunPlan;
    await board.writePlan(plan);
    expect(await board.heldPlan('r')).toBe(planText(plan));
    await board.removePlan('r');
    await board.removePlan('r');
    await redis.publish(REDIS_KEYS.notify, 'end');
    await end;
    expect(heard).toEqual(['assignments', 'assignments', 'plan', 'plan']);
  });
});

describe('readWorkers', () => {
  it('leaves out what is no heartbeat', async () => {
    await redis.set(REDIS_KEYS.worker('a'), '{');
    await redis.set(REDIS_KEYS.worker('b'), '{"workerId":"b"}');
    expect(await readWorkers(redis)).toEqual({ heartbeats: [], gone: new Set() });
  });
});

describe('createRedisConnection', () => {
  it('fails a command within its time where Redis is absent', async () => {
    const absent = createRedisConnection('redis://127.0.0.1:1', { purpose: 'commands', logger, commandTimeoutMs: 100 });
    await expect(absent.ping()).rejects.toThrow(/timed out|max retries/i);
    absent.disconnect();
  });
});

function throwEmpty(): never {
  throw new Error('no shard was planned');
}
