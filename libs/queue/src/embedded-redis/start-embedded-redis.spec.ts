import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '#telemetry';
import { createRedisConnection } from '../redis-connection.js';
import { inspectRedis } from './inspect-redis.js';
import { startEmbeddedRedis, type EmbeddedRedis } from './start-embedded-redis.js';

// Real processes, on machines that may be busy.
jest.setTimeout(60_000);

describe('startEmbeddedRedis', () => {
  let dataDirectory: string;
  const started: EmbeddedRedis[] = [];
  const start = async (options: { port?: number; command?: string } = {}): Promise<EmbeddedRedis> => {
    const redis = await startEmbeddedRedis({ dataDirectory, ...options });
    started.push(redis);
    return redis;
  };

  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'skiplane-redis-'));
  });
  afterEach(async () => {
    for (const redis of started.splice(0)) await redis.stop(0);
    await rm(dataDirectory, { recursive: true });
  });

  it('answers, with the settings that lose nothing', async () => {
    const redis = await start();
    expect(await inspectRedis(redis.url)).toMatchObject({ appendOnly: true, maxMemoryPolicy: 'noeviction' });
  });

  it('has after SIGKILL and a new start on the same port what was written before', async () => {
    const first = await start();
    const write = createRedisConnection(first.url, { purpose: 'commands', logger: silentLogger() });
    await write.set('kept', 'yes');
    write.disconnect();
    // The append-only file is synced once a second; the write itself is in the kernel and survives the process.
    process.kill(first.pid, 'SIGKILL');
    expect((await first.exited).signal).toBe('SIGKILL');
    const second = await start({ port: first.port });
    const read = createRedisConnection(second.url, { purpose: 'commands', logger: silentLogger() });
    expect(await read.get('kept')).toBe('yes');
    read.disconnect();
  });

  it('shows the end of the log when the port is taken', async () => {
    const first = await start();
    await expect(
      startEmbeddedRedis({ dataDirectory, port: first.port, logFile: join(dataDirectory, 'second.log') }),
    ).rejects.toThrow(/stopped at once with code 1.*second\.log/s);
  });

  it('says that a program which is no server stopped', async () => {
    await expect(start({ command: '/bin/false' })).rejects.toThrow('stopped at once with code 1');
  });
});
