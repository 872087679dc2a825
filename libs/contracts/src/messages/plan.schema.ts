import { z } from 'zod';
import { evaluationPlanSchema } from './evaluation-plan.schema.js';
import { initialWeightsSchema } from '../run-spec/fine-tune.schema.js';
import { runSpecSchema } from '../run-spec/run-spec.schema.js';

/** How many lanes a worker should drive. */
export const laneShareSchema = z.strictObject({ workerId: z.string(), lanes: z.int().min(1) });
export type LaneShare = z.infer<typeof laneShareSchema>;

/** The coordinator's word to the workers of a run; kept in Redis, rebuilt from the coordinator's own record. */
export const runPlanSchema = z.strictObject({
  runId: z.string(),
  spec: runSpecSchema,
  incarnation: z.int().min(1),
  /** What workers should be doing: train, or checkpoint and leave, or leave at once. */
  desired: z.enum(['train', 'pause', 'stop']),
  /** Where this incarnation began: the first round to compute and the checkpoint folder that holds the state before it. */
  start: z.strictObject({ round: z.int().min(0), checkpoint: z.string().nullable() }),
  dataset: z.strictObject({
    numTrainSamples: z.int().min(1),
    numValidationSamples: z.int().min(1),
    classes: z.array(z.string()),
    /** SHA-256 of the index (paths, sizes, labels): a worker that sees other files refuses the run. */
    digest: z.string(),
  }),
  /** What training starts from at step 0; without it, random numbers. */
  initialWeights: initialWeightsSchema.optional(),
  /** `host:port` of each parameter server; the vector is split over them in this order. */
  parameterServers: z.array(z.string()).min(1),
  /** Given for an evaluation by itself: its rounds count parts of a split, nothing is trained. */
  evaluation: evaluationPlanSchema.optional(),
  /** How many lanes each worker should drive, the sum is all lanes; empty: all workers the same number. */
  shares: z.array(laneShareSchema).default([]),
  queueName: z.string(),
  checkpointDirectory: z.string(),
});
export type RunPlan = z.infer<typeof runPlanSchema>;

/** Which run a worker serves. */
export const assignmentSchema = z.strictObject({
  runId: z.string(),
  incarnation: z.int().min(1),
  /** True: nobody has newer state, begin from plan.start. False: get the state from a live worker. */
  coldStart: z.boolean(),
});
export type Assignment = z.infer<typeof assignmentSchema>;
