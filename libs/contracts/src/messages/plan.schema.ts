import { z } from 'zod';
import { protocolSchema, tallySchema } from './evaluation.schema.js';
import { initialWeightsSchema } from '../run-spec/fine-tune.schema.js';
import { modelSchema } from '../run-spec/model.schema.js';
import { PRECISIONS, runSpecSchema } from '../run-spec/run-spec.schema.js';

/** How many lanes a worker should drive. */
export const laneShareSchema = z.strictObject({ workerId: z.string(), lanes: z.int().min(1) });
export type LaneShare = z.infer<typeof laneShareSchema>;

/** Where an incarnation began: the first round to compute and the checkpoint folder that holds the state before it. */
export const runStartSchema = z.strictObject({ round: z.int().min(0), checkpoint: z.string().nullable() });
export type RunStart = z.infer<typeof runStartSchema>;

export const plannedDatasetSchema = z.strictObject({
  numTrainSamples: z.int().min(1),
  numValidationSamples: z.int().min(1),
  classes: z.array(z.string()),
  /** SHA-256 of the index (paths, sizes, labels): a worker that sees other files refuses the run. */
  digest: z.string(),
});
/** What of a data set the rounds are counted from. */
export type DatasetNumbers = Pick<z.infer<typeof plannedDatasetSchema>, 'numTrainSamples' | 'numValidationSamples'>;

/** What an evaluation counts: `numRounds` rounds, each of a part of the split. */
export const evaluationTaskSchema = z.strictObject({
  protocol: protocolSchema,
  split: z.enum(['train', 'val']),
  /** The networks of the ensemble, each with the file its weights lie in: seen by all workers under the same path. */
  models: z
    .array(
      z.strictObject({
        model: modelSchema,
        precision: z.enum(PRECISIONS).default('fp32'),
        path: z.string(),
        sha256: z.string(),
      }),
    )
    .min(1),
  numRounds: z.int().min(1),
});
export type EvaluationTask = z.infer<typeof evaluationTaskSchema>;

/** What one round of an evaluation counted. */
export const evaluationPartSchema = z.strictObject({ round: z.int().min(0), tally: tallySchema });
export type EvaluationPart = z.infer<typeof evaluationPartSchema>;

const planFields = {
  runId: z.string(),
  /** Of an evaluation: that of the run it was submitted to, with its own lanes and batches. */
  spec: runSpecSchema,
  incarnation: z.int().min(1),
  /** What workers should be doing: train (or count), or checkpoint and leave, or leave at once. */
  desired: z.enum(['train', 'pause', 'stop']),
  start: runStartSchema,
  dataset: plannedDatasetSchema,
  /** `host:port` of each parameter server; the vector is split over them in this order. */
  parameterServers: z.array(z.string()).min(1),
  /** How many lanes each worker should drive, the sum is all lanes; empty: all workers the same number. */
  shares: z.array(laneShareSchema).default([]),
  queueName: z.string(),
};

export const trainingPlanSchema = z.strictObject({
  kind: z.literal('training'),
  ...planFields,
  /** What training starts from at step 0; without it, random numbers. */
  initialWeights: initialWeightsSchema.optional(),
  checkpointDirectory: z.string(),
});
export type TrainingPlan = z.infer<typeof trainingPlanSchema>;

export const evaluationPlanSchema = z.strictObject({
  kind: z.literal('evaluation'),
  ...planFields,
  evaluation: evaluationTaskSchema,
});
export type EvaluationPlan = z.infer<typeof evaluationPlanSchema>;

/** The coordinator's word to the workers of a run or an evaluation; kept in Redis, rebuilt from the coordinator's own record. */
export const runPlanSchema = z.discriminatedUnion('kind', [trainingPlanSchema, evaluationPlanSchema]);
export type RunPlan = z.infer<typeof runPlanSchema>;

/** Which run a worker serves. */
export const assignmentSchema = z.strictObject({
  runId: z.string(),
  incarnation: z.int().min(1),
  /** True: nobody has newer state, begin from plan.start. False: get the state from a live worker. */
  coldStart: z.boolean(),
});
export type Assignment = z.infer<typeof assignmentSchema>;
