import { silentLogger } from '#telemetry';
import { createRedisConnection } from '../redis-connection.js';

/** What a running server says about itself; null where it does not allow the question. */
export interface RedisInspection {
  readonly version: string;
  readonly appendOnly: boolean | null;
  readonly maxMemoryPolicy: string | null;
}

/** Asks a server for its version and the two settings that losing nothing depends on. Throws if it does not answer. */
export async function inspectRedis(url: string): Promise<RedisInspection> {
  const redis = createRedisConnection(url, { purpose: 'commands', logger: silentLogger() });
  const setting = async (name: string): Promise<string | null> => {
    // Managed servers often forbid CONFIG.
    const answer: unknown = await redis.config('GET', name).catch(() => null);
    const value: unknown = Array.isArray(answer) ? answer[1] : undefined;
    return typeof value === 'string' ? value : null;
  };
  try {
    const info = await redis.info('server');
    const version = /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
    const appendOnly = await setting('appendonly');
    return {
      version,
      appendOnly: appendOnly === null ? null : appendOnly === 'yes',
      maxMemoryPolicy: await setting('maxmemory-policy'),
    };
  } finally {
    redis.disconnect();
  }
}
