import type { Redis } from 'ioredis';

/**
 * Milliseconds since 1970 by the clock of Redis: the one that all processes can read, and that gives the ids of streams.
 * What one process writes down and another compares is measured by it, as the clocks of hosts differ.
 */
export async function redisNow(redis: Pick<Redis, 'time'>): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
}
