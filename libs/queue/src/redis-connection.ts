import { Redis } from 'ioredis';
import type { Logger } from '#telemetry';
import { redisFault } from './redis-access/redis-fault.js';

/**
 * What a connection is for. `commands`: fails within seconds where Redis does not answer. `blocking`: waits in XREAD or
 * a BullMQ fetch, one caller per connection. `subscriber`: receives published messages and nothing else.
 */
export type RedisPurpose = 'commands' | 'blocking' | 'subscriber';

export interface RedisConnectionOptions {
  readonly purpose: RedisPurpose;
  /** Is told once when Redis goes away and once when it is back. */
  readonly logger: Logger;
  /** Time limit of one command, `commands` only. Default 2000. */
  readonly commandTimeoutMs?: number;
}

/** A connection that has heard nothing for so long is taken down and made anew; callers block for less than that. */
const SILENT_SOCKET_MS = 30_000;
const LONGEST_RETRY_MS = 1_000;

/** The server has changed its role, and another one may be behind the same address now. */
const IS_ELSEWHERE = /\b(?:READONLY|MASTERDOWN|CLUSTERDOWN|UNBLOCKED)\b/;
/** Such an answer makes the connection anew, at most this often: a replica stays one for a while. */
const RECONNECT_EVERY_MS = 1_000;

const OPTIONS_BY_PURPOSE = {
  commands: { maxRetriesPerRequest: 3 },
  blocking: { maxRetriesPerRequest: null, socketTimeout: SILENT_SOCKET_MS },
  subscriber: { maxRetriesPerRequest: null, autoResubscribe: true },
} satisfies Record<RedisPurpose, object>;

/**
 * Opens a connection that reconnects for ever, at most a second apart. Belongs to the caller, who ends it with
 * `disconnect()`. Never throws for an absent Redis: its commands reject instead.
 */
export function createRedisConnection(url: string, options: RedisConnectionOptions): Redis {
  const { purpose, logger } = options;
  let reconnectedAt = -Infinity;
  const redis = new Redis(url, {
    ...OPTIONS_BY_PURPOSE[purpose],
    ...(purpose === 'commands' ? { commandTimeout: options.commandTimeoutMs ?? 2_000 } : {}),
    connectTimeout: 3_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
    reconnectOnError: (error) => {
      const now = performance.now();
      if (!IS_ELSEWHERE.test(error.message) || now - reconnectedAt < RECONNECT_EVERY_MS) return false;
      reconnectedAt = now;
      return true;
    },
  });
  redis.on('error', (error: Error) => {
    const message = redisFault(error, url)?.message ?? error.message;
    if (lostBy.get(redis) === message) return;
    lostBy.set(redis, message);
    logger.warn({ event: 'redis-lost', purpose, error: error.message }, `${message}; trying again`);
  });
  redis.on('ready', () => {
    if (lostBy.delete(redis)) logger.info({ event: 'redis-back', purpose }, 'Redis answers again');
  });
  return redis;
}

/** Why a connection could not be made, in words; undefined while it stands, and where nobody knows. */
const lostBy = new WeakMap<Redis, string>();

/** What to say of a command that failed on this connection: why it is down, else what Redis answered. */
export function whyRedisFails(redis: Redis, url: string, error: unknown): string | undefined {
  return lostBy.get(redis) ?? redisFault(error, url)?.message;
}
