import { describe, expect, it } from '@jest/globals';
import { planShards, shardJobId } from './shard-planner.js';
import { type Shard } from '#contracts';
import { silentLogger } from '#telemetry';
import { LaneLeases } from './lane-leases.js';
import { ShardQueue } from './shard-queue.js';
import { TestRedis } from './testing/test-redis.js';

const logger = silentLogger();
const timeline = {
  kind: 'training',
  numTrainSamples: 8,
  numValidationSamples: 2,
  lanes: 2,
  laneBatchSize: 2,
  epochs: 3,
} as const;

const test = new TestRedis();

function openQueue(incarnation = 1): ShardQueue {
  const queue = new ShardQueue({ redis: test.commands, runId: 'r', incarnation, logger });
  test.afterTest(() => queue.close());
  return queue;
}

function openLeases(queue: ShardQueue, workerId: string, connection = test.commands): LaneLeases {
  const blockingConnection = test.connect('blocking');
  const leases = new LaneLeases({
    queueName: queue.name,
    connection,
    blockingConnection,
    workerId,
    logger,
    onLost: () => undefined,
  });
  test.afterTest(async () => {
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
    const connection = test.connect('commands');
    test.afterTest(async () => connection.disconnect());
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
    expect(await ShardQueue.exists(test.commands, 'r', 1)).toBe(true);
    await openLeases(queue, 'w1').fetch();
    await queue.obliterate();
    expect(await ShardQueue.exists(test.commands, 'r', 1)).toBe(false);
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

function throwEmpty(): never {
  throw new Error('no shard was planned');
}
