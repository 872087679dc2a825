import { z } from 'zod';
import { evaluationResultSchema, protocolSchema } from '../messages/evaluation.schema.js';
import { modelSchema } from '../run-spec/model.schema.js';
import { checkpointNameSchema } from './checkpoint-name.schema.js';
import { RUN_STATES } from './run-states.js';

/** Another network of the ensemble: a checkpoint of a run (default: its newest), or a file the coordinator sees. */
const memberSchema = z.union(
  [
    z.strictObject({ run: z.string().min(1), step: checkpointNameSchema.optional(), ema: z.boolean().optional() }),
    z.strictObject({ weights: z.string().min(1), model: modelSchema }),
  ],
  { error: 'expected a run: { run, step?, ema? }, or a file of weights: { weights, model }' },
);
export type EnsembleModelRequest = z.infer<typeof memberSchema>;

/** What a user asks of a run's weights. */
export const evaluationRequestSchema = z
  .strictObject({
    protocol: protocolSchema.prefault({ kind: 'center' }),
    split: z.enum(['train', 'val']).default('val'),
    /** Checkpoint of the run. Default: the newest. */
    step: checkpointNameSchema.optional(),
    /** The run's average of weights, or not. Default: the average where the run keeps one, as during the run. */
    ema: z.boolean().optional(),
    /** Networks whose scores are averaged with the run's. */
    ensemble: z.array(memberSchema).max(15).default([]),
    /** Slices of each round, as many workers as can take part. Default: the run's lanes. */
    lanes: z.int().min(1).max(256).optional(),
    /** Images that go through a network together. Default: the run's laneBatchSize. */
    batchSize: z.int().min(1).max(4096).optional(),
  })
  .meta({ id: 'EvaluationRequest' });
export type EvaluationRequest = z.infer<typeof evaluationRequestSchema>;
export type EvaluationRequestInput = z.input<typeof evaluationRequestSchema>;

/** How an evaluation stands. */
export const evaluationViewSchema = z
  .strictObject({
    id: z.string(),
    /** The run it was submitted to. */
    runId: z.string(),
    state: z.enum(RUN_STATES),
    /** Why it waits or has failed; null while it goes on. */
    reason: z.string().nullable(),
    createdAt: z.number(),
    startedAt: z.number().nullable(),
    finishedAt: z.number().nullable(),
    protocol: protocolSchema,
    split: z.enum(['train', 'val']),
    networks: z.array(z.strictObject({ source: z.string(), architecture: z.string(), sha256: z.string() })),
    progress: z.strictObject({ samples: z.int(), totalSamples: z.int() }),
    workers: z.array(z.string()),
    /** Null until every image was counted. */
    result: evaluationResultSchema.nullable(),
  })
  .meta({ id: 'EvaluationOfRun' });
export type EvaluationView = z.infer<typeof evaluationViewSchema>;

/** Newest first; results without classes and confusions. */
export const evaluationListSchema = z
  .strictObject({
    evaluations: z.array(
      evaluationViewSchema.extend({
        result: evaluationResultSchema.omit({ classes: true, confusion: true }).nullable(),
      }),
    ),
  })
  .meta({ id: 'EvaluationList' });
export type EvaluationList = z.infer<typeof evaluationListSchema>;
