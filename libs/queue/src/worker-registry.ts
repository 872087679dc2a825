import type { Redis } from 'ioredis';
import { REDIS_KEYS, workerHeartbeatSchema, type WorkerHeartbeat } from '#contracts';

/**
 * The heartbeats Redis holds now; entries that are none are left out. Cost: one SCAN over the key space (BullMQ jobs
 * included, 1,000 keys a round trip) and one MGET.
 */
export async function readWorkers(redis: Redis): Promise<WorkerHeartbeat[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', REDIS_KEYS.workerPattern, 'COUNT', 1_000);
    cursor = next;
    for (const key of found) keys.add(key);
  } while (cursor !== '0');
  if (keys.size === 0) return [];
  const values = await redis.mget(...keys);
  return values.flatMap((value) => parseHeartbeat(value)).toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1));
}

function parseHeartbeat(value: string | null): WorkerHeartbeat[] {
  if (value === null) return [];
  try {
    const parsed = workerHeartbeatSchema.safeParse(JSON.parse(value));
    return parsed.success ? [parsed.data] : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
