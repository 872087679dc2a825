import { z } from 'zod';
import { commitMemorySchema } from '../records/checkpoint-manifest.js';
import { scheduleStateSchema } from '../run-spec/schedule.schema.js';
import { validationStateSchema } from '../run-spec/stop-when.schema.js';

/** What a worker tells a newcomer beside the vectors of its replica's state. */
export const replicaMemorySchema = z.strictObject({
  schedule: scheduleStateSchema,
  validation: validationStateSchema,
  commits: commitMemorySchema,
});
