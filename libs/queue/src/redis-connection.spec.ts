import { expect, it } from '@jest/globals';
import { silentLogger } from '#telemetry';
import { createRedisConnection } from './redis-connection.js';

it('a connection for commands fails a command within its time where Redis is absent', async () => {
  const logger = silentLogger();
  const absent = createRedisConnection('redis://127.0.0.1:1', { purpose: 'commands', logger, commandTimeoutMs: 100 });
  await expect(absent.ping()).rejects.toThrow(/timed out|max retries/i);
  absent.disconnect();
});
