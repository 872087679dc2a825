import { z } from 'zod';
import { checkpointNameSchema } from './checkpoint-name.schema.js';
import { runNameSchema } from '../run-spec/run-name.schema.js';

/** A new run after the model of another: what is not changed is the other's. */
export const cloneRequestSchema = z
  .strictObject({
    /** Merged over the run's spec (RFC 7396): objects field by field, anything else replaces, null gives the default. */
    changes: z.record(z.string(), z.unknown()).default({}),
    /** Default: that of the changes, else the run's with ` clone` behind it. */
    name: runNameSchema.optional(),
    /**
     * The checkpoint to go on from: weights, what the optimiser remembers, step and position in the data. Default: none,
     * the clone begins anew.
     */
    checkpoint: checkpointNameSchema.optional(),
  })
  .meta({ id: 'CloneRequest' });
export type CloneRequest = z.infer<typeof cloneRequestSchema>;
export type CloneRequestInput = z.input<typeof cloneRequestSchema>;

/** The run that another was cloned from. It may be deleted by now. */
export const originSchema = z.strictObject({
  runId: z.string(),
  /** The step of the checkpoint it goes on from; null where it began anew. */
  step: z.int().min(0).nullable(),
});
export type Origin = z.infer<typeof originSchema>;
