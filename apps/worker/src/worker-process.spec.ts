import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { WorkerHeartbeat } from '#contracts';
import { createRedisConnection, readWorkers, startEmbeddedRedis, type EmbeddedRedis } from '#queue';
import { silentLogger } from '#telemetry';
import type { Redis } from 'ioredis';
import { fakeDriver, PRETEND_GPU, type FakeDriver } from '../../../test/support/drivers/fake-driver.js';
import { WorkerProcess } from './testing/worker-process.js';

// Real processes, on machines that may be busy.
jest.setTimeout(120_000);

const GPU_2 = 'GPU-00000002';

describe('a worker process', () => {
  let folder: string;
  let redis: EmbeddedRedis;
  let connection: Redis;
  const drivers: FakeDriver[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-worker-'));
    redis = await startEmbeddedRedis({ dataDirectory: join(folder, 'one') });
    connection = createRedisConnection(redis.url, { purpose: 'commands', logger: silentLogger() });
  });
  afterAll(async () => {
    connection.disconnect();
    await redis.stop();
    await Promise.all(drivers.map((driver) => driver[Symbol.asyncDispose]()));
    await rm(folder, { recursive: true });
  });

  async function start(
    kind: Parameters<typeof fakeDriver>[0],
    environment: Readonly<Record<string, string>> = {},
    redisUrl = redis.url,
  ): Promise<WorkerProcess> {
    const driver = await fakeDriver(kind);
    drivers.push(driver);
    return new WorkerProcess(redisUrl, { PATH: driver.path, ...environment });
  }

  /** What it tells of itself, once it does, or once it does not any more. */
  async function heartbeatOf(worker: WorkerProcess, isThere = true): Promise<WorkerHeartbeat | undefined> {
    const deadline = performance.now() + 10_000;
    for (;;) {
      const heartbeat = (await readWorkers(connection)).heartbeats.find(({ pid }) => pid === worker.pid);
      if ((heartbeat !== undefined) === isThere || performance.now() > deadline) return heartbeat;
      await delay(50);
    }
  }

  it('ends with code 0 when it is told to stop, though TensorFlow was loaded by a thread that is gone', async () => {
    await using worker = new WorkerProcess(redis.url, { SKIPLANE_DEVICE: 'cpu', SKIPLANE_ENGINE: 'graph' });
    await worker.logged('worker-started');
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  it('stays and says why where the driver fails, and leaves when it is told to', async () => {
    await using worker = await start('err');
    const { reason } = await worker.logged('device-refused');
    expect(reason).toMatch(/nvidia-smi ended with code 18: Failed to initialize NVML.*SKIPLANE_DEVICE=cpu/);
    expect(await heartbeatOf(worker)).toMatchObject({ status: 'refused', reason, device: 'none', runId: null });
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(await heartbeatOf(worker, false)).toBeUndefined();
  });

  it('refuses a GPU that TensorFlow does not see, and computes on the CPU only when it is told to', async () => {
    await using worker = await start('four', { CUDA_VISIBLE_DEVICES: '3' });
    const { reason } = await worker.logged('device-refused');
    expect(reason).toMatch(/^GPU 3 NVIDIA H100 80GB HBM3 was claimed, but TensorFlow does not compute on it/);
    await using onCpu = await start('err', { SKIPLANE_DEVICE: 'cpu' });
    expect(await onCpu.logged('worker-started')).toMatchObject({ device: 'CPU x 1' });
  });

  it('computes on a slice, warns of a sick neighbour, and says what its bits depend on', async () => {
    const pretend = { NODE_OPTIONS: PRETEND_GPU };
    await using slice = await start('mig', { ...pretend, CUDA_VISIBLE_DEVICES: '0:3', NVIDIA_TF32_OVERRIDE: '0' });
    await using healthy = await start('sick', pretend);
    expect(await slice.logged('worker-started')).toMatchObject({
      device: 'GPU 0:3 NVIDIA A100-SXM4-80GB MIG 1g.10gb',
      fingerprint: expect.stringMatching(
        /^graph\/tensorflow-[\d.]+\/NVIDIA-A100-SXM4-80GB\/mig-1g\.10gb\/.*\/no-tf32\/fp32\/exact$/,
      ),
      engines: 1,
    });
    expect(await healthy.logged('worker-started')).toMatchObject({ device: 'GPU 1 NVIDIA H100 80GB HBM3' });
    expect((await heartbeatOf(healthy))?.reason).toContain('GPU 0 is not healthy');
  });

  it('shares its GPU with no other, whatever Redis that has, and one that was killed holds nothing', async () => {
    const wish = { NODE_OPTIONS: PRETEND_GPU, CUDA_VISIBLE_DEVICES: GPU_2 };
    await using first = await start('four', { ...wish, SKIPLANE_WORKER_ID: 'first' });
    await first.logged('worker-started');
    const elsewhere = await startEmbeddedRedis({ dataDirectory: join(folder, 'two') });
    try {
      await using second = await start('four', wish);
      await using third = await start('four', wish, elsewhere.url);
      const holder = `every GPU is taken: GPU 2 NVIDIA H100 80GB HBM3 by worker first, process ${first.pid}`;
      for (const worker of [second, third]) expect((await worker.logged('device-refused'))['reason']).toContain(holder);
      third.kill('SIGTERM');
      expect(await third.ended).toBe(0);
      // Its lease in Redis has not run out when the next one looks.
      first.kill('SIGKILL');
      expect(await second.logged('worker-started')).toMatchObject({ device: 'GPU 2 NVIDIA H100 80GB HBM3' });
    } finally {
      await elsewhere.stop();
    }
  });
});
