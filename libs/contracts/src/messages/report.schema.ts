import { z } from 'zod';
import { evaluationPartSchema } from './plan.schema.js';
import { bestEvaluationSchema, stoppedSchema } from '../run-spec/stop-when.schema.js';
import { workerTimesSchema } from './straggler-report.schema.js';

/** Milliseconds of one step as its reporter saw them; exchange includes waiting for other workers. */
export const stepTimingsSchema = z.strictObject({
  dataMs: z.number(),
  computeMs: z.number(),
  exchangeMs: z.number(),
  updateMs: z.number(),
});
export type StepTimings = z.infer<typeof stepTimingsSchema>;

/** Digest of a reduced vector: `vectorDigest` of libs/vectors, 16 digits; steps of earlier versions have another of 32. */
const digestSchema = z.string().regex(/^(?:[0-9a-f]{16}|[0-9a-f]{32})$/);

/** One committed training step. */
export const stepMetricsSchema = z
  .strictObject({
    /** From 1. */
    step: z.int().min(1),
    round: z.int().min(0),
    epoch: z.int().min(0),
    loss: z.number(),
    /** Share of the step's samples whose top-1 prediction was right, in [0, 1]. */
    accuracy: z.number(),
    samples: z.int(),
    /** Samples of the step that could not be decoded (`unreadable: 'skip'`); absent where there are none. */
    leftOut: z.int().min(1).optional(),
    learningRate: z.number(),
    /** Euclidean norm of the gradient over all trained parameters, before it was clipped; absent in older records. */
    gradientNorm: z.number().optional(),
    /** Milliseconds since 1970 at which it was applied: by the worker's clock in a report, else by the coordinator's. */
    at: z.number(),
    durationMs: z.number(),
    timings: stepTimingsSchema,
    /** Of the bits of the reduced gradient, in hex: the same for any number of workers and servers. */
    digest: digestSchema.optional(),
  })
  .meta({ id: 'StepMetrics' });
export type StepMetrics = z.infer<typeof stepMetricsSchema>;

/** One evaluation of the whole validation set. */
export const evaluationSchema = z
  .strictObject({
    epoch: z.int().min(0),
    step: z.int().min(0),
    loss: z.number(),
    accuracy: z.number(),
    /** Share of samples whose label is among the five best; absent where there are no more than five classes. */
    top5Accuracy: z.number().optional(),
    samples: z.int(),
    at: z.number(),
  })
  .meta({ id: 'Evaluation' });
export type Evaluation = z.infer<typeof evaluationSchema>;

export const checkpointSchema = z.strictObject({
  step: z.int().min(0),
  /** Rounds done: the first round to compute from this state. */
  round: z.int().min(0),
  directory: z.string(),
  /** SHA-256 of weights.safetensors in that folder. */
  weightsSha256: z.string(),
  /** SHA-256 of average.safetensors there, where the run averages its weights (EMA). */
  averageSha256: z.string().optional(),
  sizeBytes: z.int(),
  at: z.number(),
  /** Of one whose weights had the best evaluation so far when it was written: the figure. */
  best: bestEvaluationSchema.omit({ step: true }).optional(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

const origin = { runId: z.string(), incarnation: z.int().min(1), workerId: z.string() };

/**
 * Worker to coordinator, through a Redis stream. Every report may arrive twice, late or from several workers:
 * the coordinator keeps the first of each (step, epoch, part, checkpoint).
 */
export const reportSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('steps'), ...origin, steps: z.array(stepMetricsSchema).min(1) }),
  z.strictObject({ kind: z.literal('evaluation'), ...origin, evaluation: evaluationSchema }),
  /** What a round of an evaluation counted. */
  z.strictObject({ kind: z.literal('evaluation-part'), ...origin, part: evaluationPartSchema }),
  z.strictObject({ kind: z.literal('checkpoint'), ...origin, checkpoint: checkpointSchema }),
  /** How fast every worker with lanes was in the last steps, up to and with this one. */
  z.strictObject({
    kind: z.literal('straggler-report'),
    ...origin,
    step: z.int().min(1),
    workers: z.array(workerTimesSchema).min(1),
  }),
  z.strictObject({ kind: z.literal('paused'), ...origin, round: z.int() }),
  z.strictObject({
    kind: z.literal('finished'),
    ...origin,
    step: z.int(),
    weightsSha256: z.string(),
    directory: z.string(),
    /** Where it ended before its last epoch. */
    stopped: stoppedSchema.optional(),
  }),
  /** The run cannot go on: loss not finite, unreadable sample, another data set. */
  z.strictObject({
    kind: z.literal('failed'),
    ...origin,
    message: z.string(),
    /** What had a loss or a gradient that is not finite: `step 12`. */
    notFinite: z.string().optional(),
  }),
  /** Something a person should read: joined, left, a checkpoint that could not be written. */
  z.strictObject({
    kind: z.literal('note'),
    ...origin,
    level: z.enum(['info', 'warning', 'error']),
    topic: z.string(),
    message: z.string(),
    at: z.number(),
  }),
]);
export type Report = z.infer<typeof reportSchema>;
/** Which worker reports of which incarnation of what. */
export type ReportOrigin = Pick<Report, keyof typeof origin>;
