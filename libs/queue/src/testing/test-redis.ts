import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { silentLogger } from '#telemetry';
import type { Redis } from 'ioredis';
import { startEmbeddedRedis, type EmbeddedRedis } from '../embedded-redis/start-embedded-redis.js';
import { createRedisConnection, type RedisPurpose } from '../redis-connection.js';

/** A Redis for the tests of a file, to be made outside of them: started before the first, emptied after each. */
export class TestRedis {
  #started: { readonly directory: string; readonly server: EmbeddedRedis; readonly commands: Redis } | null = null;
  readonly #closers: (() => Promise<unknown> | void)[] = [];

  constructor() {
    beforeAll(async () => {
      const directory = await mkdtemp(join(tmpdir(), 'skiplane-queue-'));
      const server = await startEmbeddedRedis({ dataDirectory: directory });
      const commands = createRedisConnection(server.url, { purpose: 'commands', logger: silentLogger() });
      this.#started = { directory, server, commands };
    });
    afterEach(async () => {
      for (const close of this.#closers.splice(0).toReversed()) await close();
      await this.commands.flushall();
    });
    afterAll(async () => {
      const { directory, server, commands } = this.#running;
      commands.disconnect();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    });
  }

  /** For what a test sends itself. */
  get commands(): Redis {
    return this.#running.commands;
  }

  /** Another connection, which belongs to the caller. */
  connect(purpose: RedisPurpose): Redis {
    return createRedisConnection(this.#running.server.url, { purpose, logger: silentLogger() });
  }

  /** Done after the test, the last first. */
  afterTest(close: () => Promise<unknown> | void): void {
    this.#closers.push(close);
  }

  get #running() {
    if (this.#started === null) throw new Error('Redis is not started before the first test');
    return this.#started;
  }
}
