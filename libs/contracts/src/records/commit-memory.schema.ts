import { z } from 'zod';
import { evaluationSchema, stepMetricsSchema } from '../messages/report.schema.js';

/** The last commits that a worker knows of, oldest first: what was not reported yet is among them. Some 400 bytes a step. */
export const commitMemorySchema = z.strictObject({
  steps: z.array(stepMetricsSchema),
  evaluations: z.array(evaluationSchema),
});
export type CommitMemory = z.infer<typeof commitMemorySchema>;
