import { z } from 'zod';
import { workerHeartbeatSchema } from '../messages/worker.schema.js';

/** Answer of GET /v1/workers. */
export const workerListSchema = z.strictObject({ workers: z.array(workerHeartbeatSchema) });
export type WorkerList = z.infer<typeof workerListSchema>;
