import { z } from 'zod';
import { shardCacheSchema } from './shard-cache.schema.js';

export const WORKER_STATUSES = ['idle', 'starting', 'waiting-for-state', 'ready', 'leaving', 'refused'] as const;

/**
 * A worker ends with this code when it wants to be started again at once: what it should do next asks for a process that
 * has not loaded TensorFlow.
 */
export const RESTART_EXIT_CODE = 75;

/** What a worker writes about itself every second, with a time to live of a few seconds. */
export const workerHeartbeatSchema = z
  .strictObject({
    workerId: z.string(),
    host: z.string(),
    pid: z.int(),
    /** `CPU x 2`, `GPU 0 NVIDIA H100`. */
    device: z.string(),
    /** Of the Skiplane it runs; absent in one that does not say. */
    version: z.string().max(100).optional(),
    /** Lanes it can drive at once. */
    engines: z.int().min(1),
    fingerprint: z.string(),
    /** By the worker's clock; the coordinator shows both by its own. */
    startedAt: z.number(),
    at: z.number(),
    /** How far the worker's clock is ahead, where that is many seconds. The coordinator fills it in. */
    clockOffsetMs: z.int().optional(),
    status: z.enum(WORKER_STATUSES),
    /** Why it is not training, in words, where there is something to say. */
    reason: z.string().nullable(),
    runId: z.string().nullable(),
    incarnation: z.int().nullable(),
    /** The run that `runId` evaluates, where it is an evaluation. The coordinator fills it in; workers do not know. */
    evaluationOf: z.string().optional(),
    /** Rounds done by its replica. */
    round: z.int().nullable(),
    lanes: z.array(z.int()),
    memoryBytes: z.int(),
    /** Of the data set of its run, where that is read by way of its host's shard cache. */
    shardCache: shardCacheSchema.optional(),
  })
  .meta({ id: 'Worker' });
export type WorkerHeartbeat = z.infer<typeof workerHeartbeatSchema>;
