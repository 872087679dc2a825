import type { Redis } from 'ioredis';
import { z } from 'zod';
import { REDIS_KEYS } from './redis-keys.js';
import { scanKeys } from './scan-keys.js';
import { workerHeartbeatSchema, type WorkerHeartbeat } from '#contracts';

const goodbyeSchema = z.strictObject({ goodbye: z.string() });

/**
 * What a worker that leaves writes in the place of its heartbeat. An absent heartbeat says nothing: Redis may have been
 * emptied, or the clock that ends it may have been set.
 */
export function goodbyeText(workerId: string): string {
  return JSON.stringify({ goodbye: workerId } satisfies z.infer<typeof goodbyeSchema>);
}

export interface WorkersHeard {
  readonly heartbeats: readonly WorkerHeartbeat[];
  /** Ids of the workers that have left in order. */
  readonly gone: ReadonlySet<string>;
  /** Ids under which something else lies, as a worker of another version may write it. */
  readonly notUnderstood: readonly string[];
}

/**
 * What workers have last said, as far as Redis holds it; entries that are none are left out. Cost: one SCAN over the key
 * space (BullMQ jobs included, 1,000 keys a round trip) and one MGET.
 */
export async function readWorkers(redis: Redis): Promise<WorkersHeard> {
  const names = await scanKeys(redis, REDIS_KEYS.workerPattern);
  const heartbeats: WorkerHeartbeat[] = [];
  const gone = new Set<string>();
  const notUnderstood: string[] = [];
  for (const [index, value] of (names.length === 0 ? [] : await redis.mget(...names)).entries()) {
    // It has expired since.
    if (value === null) continue;
    const said = parseJson(value);
    const heartbeat = workerHeartbeatSchema.safeParse(said);
    const goodbye = goodbyeSchema.safeParse(said);
    if (heartbeat.success) heartbeats.push(heartbeat.data);
    else if (goodbye.success) gone.add(goodbye.data.goodbye);
    else notUnderstood.push((names[index] ?? '').slice(REDIS_KEYS.worker('').length));
  }
  return {
    heartbeats: heartbeats.toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1)),
    gone,
    notUnderstood: notUnderstood.sort(),
  };
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
