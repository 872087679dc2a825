import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { provisionRedis } from '#queue';
import { Redis } from 'ioredis';
import type { HostProcess } from '../support/host-process.js';
import type { Operation } from './operation.js';

/** A server that somebody else runs: the stack is only told its address. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT`, as its administrator. */
  readonly url: string;
  readonly process: HostProcess;
  /** A command as the administrator; ends the scenario where it is refused. */
  command(...words: readonly string[]): Promise<unknown>;
}

/** Starts a Redis (or Valkey) with more arguments of its own and waits until it answers. */
export async function startRedisServer(
  operation: Operation,
  name: string,
  args: readonly string[] = [],
): Promise<RedisServer> {
  const port = await operation.freePort();
  const folder = join(operation.folder, `${name}-data`);
  await mkdir(folder, { recursive: true });
  const { command: program } = await provisionRedis();
  const network = ['--port', String(port), '--bind', '127.0.0.1'];
  const durability = ['--appendonly', 'yes', '--save', '', '--dir', folder, '--maxmemory-policy', 'noeviction'];
  const process = operation.start(name, [program, ...network, ...durability, ...args]);
  const url = `redis://127.0.0.1:${port}`;
  const command = async (...words: readonly string[]): Promise<unknown> => {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 2_000 });
    // Rejects the command too.
    redis.on('error', () => undefined);
    try {
      const [first = '', ...rest] = words;
      return await redis.call(first, ...rest);
    } finally {
      redis.disconnect();
    }
  };
  await operation.until(
    name,
    () => command('PING'),
    (answer) => answer === 'PONG',
  );
  return { port, url, process, command };
}
