import { Redis } from 'ioredis';
import type { Logger } from '#telemetry';

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
  const redis = new Redis(url, {
    ...OPTIONS_BY_PURPOSE[purpose],
    ...(purpose === 'commands' ? { commandTimeout: options.commandTimeoutMs ?? 2_000 } : {}),
    connectTimeout: 3_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
  });
  let isKnownToBeDown = false;
  redis.on('error', (error: Error) => {
    if (isKnownToBeDown) return;
    isKnownToBeDown = true;
    logger.warn({ event: 'redis-lost', purpose, error: error.message }, 'Redis does not answer, trying again');
  });
  redis.on('ready', () => {
    if (isKnownToBeDown) logger.info({ event: 'redis-back', purpose }, 'Redis answers again');
    isKnownToBeDown = false;
  });
  return redis;
}
