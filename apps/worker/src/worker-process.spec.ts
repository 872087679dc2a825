import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startEmbeddedRedis, type EmbeddedRedis } from '#queue';
import { WorkerProcess } from './testing/worker-process.js';

// Real processes, on machines that may be busy.
jest.setTimeout(120_000);

describe('a worker process', () => {
  let folder: string;
  let redis: EmbeddedRedis;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-worker-'));
    redis = await startEmbeddedRedis({ dataDirectory: folder });
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  it('ends with code 0 when it is told to stop, TensorFlow loaded or not', async () => {
    await using worker = new WorkerProcess(redis.url, { SKIPLANE_DEVICE: 'cpu', SKIPLANE_ENGINE: 'graph' });
    await worker.logged('worker-started');
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });
});
