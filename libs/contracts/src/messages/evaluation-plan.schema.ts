import { z } from 'zod';
import { protocolSchema, tallySchema } from './evaluation.schema.js';
import { modelSchema } from '../run-spec/model.schema.js';

/** A network that is evaluated, with the file its weights lie in. */
export const evaluatedNetworkSchema = z.strictObject({
  model: modelSchema,
  /** Seen by all workers under the same path. */
  path: z.string(),
  sha256: z.string(),
});

/** What makes a plan one of an evaluation by itself: `numRounds` rounds, each of a part of the split. */
export const evaluationPlanSchema = z.strictObject({
  protocol: protocolSchema,
  split: z.enum(['train', 'val']),
  members: z.array(evaluatedNetworkSchema).min(1),
  numRounds: z.int().min(1),
});
export type EvaluationPlan = z.infer<typeof evaluationPlanSchema>;

/** What one round counted. */
export const evaluationPartSchema = z.strictObject({ round: z.int().min(0), tally: tallySchema });
export type EvaluationPart = z.infer<typeof evaluationPartSchema>;
