import { z } from 'zod';
import {
  RUN_STATES,
  checkpointSchema,
  evaluationResultSchema,
  evaluationTaskSchema,
  initialWeightsSchema,
  laneShareSchema,
  notesSchema,
  originSchema,
  recordedDatasetSchema,
  runSpecSchema,
  runStartSchema,
  runViewSchema,
  stoppedSchema,
  tagsSchema,
  type RecordVersions,
} from '#contracts';
import { withKind, withLabels, withStoredImages } from './migrations.js';

const commonFields = {
  version: z.literal(5),
  id: z.string(),
  /** Of an evaluation: that of the run it was submitted to, with its own lanes and batches. */
  spec: runSpecSchema,
  dataset: recordedDatasetSchema,
  state: z.enum(RUN_STATES),
  reason: z.string().nullable(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  pausingSince: z.number().nullable(),
  /** 0 until the run first gets workers. */
  incarnation: z.int().min(0),
  start: runStartSchema,
  /** Its workers were told to leave: whoever goes on, begins another. */
  isIncarnationOver: z.boolean(),
  assigned: z.array(z.strictObject({ workerId: z.string(), coldStart: z.boolean() })),
  /** Lanes by worker where they are shared out by speed; empty: evenly. */
  shares: z.array(laneShareSchema),
  fingerprint: z.string().nullable(),
  mixedFromStep: z.int().min(1).nullable(),
  fastFromStep: z.int().min(1).nullable(),
  idempotency: z.strictObject({ key: z.string(), bodySha256: z.string() }).nullable(),
};

const trainingRecordSchema = z.strictObject({
  kind: z.literal('training'),
  ...commonFields,
  initialWeights: initialWeightsSchema.optional(),
  /** Those on disk, as the spec keeps them: oldest first. */
  checkpoints: z.array(checkpointSchema),
  weightsSha256: z.string().nullable(),
  /** Where it ended before its last epoch. */
  stopped: stoppedSchema.nullable(),
  /** Why it ends, once its workers have written a checkpoint and left (`isIncarnationOver`). */
  ending: stoppedSchema.pick({ cause: true, reason: true }).nullable(),
  /** The trial of a study that it is. */
  study: z.strictObject({ id: z.string(), trial: z.int().min(0) }).nullable(),
  /** The run it was cloned from. */
  origin: originSchema.nullable(),
  tags: tagsSchema,
  notes: notesSchema,
  isArchived: z.boolean(),
  /** Written when the run ends, so that a run that is over is shown without reading its metrics. */
  summary: z
    .strictObject({
      progress: runViewSchema.shape.progress,
      ledger: runViewSchema.shape.ledger,
      /** Null where it was written by a Skiplane that did not count them. */
      numWarnings: z.int().min(0).nullable(),
      /** The newest of them. */
      warnings: runViewSchema.shape.warnings,
    })
    .nullable(),
});
export type TrainingRecord = z.infer<typeof trainingRecordSchema>;

const evaluationRecordSchema = z.strictObject({
  kind: z.literal('evaluation'),
  ...commonFields,
  evaluation: evaluationTaskSchema.extend({
    /** The run it was submitted to. */
    runId: z.string(),
    /** Where the weights of each network come from, for people. */
    sources: z.array(z.string()),
    /** Null until every image was counted. */
    result: evaluationResultSchema.nullable(),
  }),
});
export type EvaluationRecord = z.infer<typeof evaluationRecordSchema>;

/**
 * What run.json holds: all of the truth of a run, or of an evaluation of its weights, but its journal and its metrics,
 * whose lines mean what its version says. A field that comes, goes or changes its meaning makes another version, and a
 * line in RUN_RECORD_VERSIONS.
 */
export const runRecordSchema = z.discriminatedUnion('kind', [trainingRecordSchema, evaluationRecordSchema]);
export type RunRecord = z.infer<typeof runRecordSchema>;

/**
 * 1: what came after the first runs, lanes by speed, mixed devices, fast bits and studies, may be missing.
 * 2: every data set's images were seen as they are stored.
 * 3: an evaluation was a run with a field more.
 * 4: runs had no tags, no notes and no origin, their warnings were not counted, and all trained to their last epoch.
 */
export const RUN_RECORD_VERSIONS: RecordVersions = {
  current: 5,
  migrations: {
    1: (fields) => ({ shares: [], mixedFromStep: null, fastFromStep: null, study: null, ...fields }),
    2: ({ spec, ...fields }) => ({ ...fields, spec: withStoredImages(spec) }),
    3: withKind,
    4: withLabels,
  },
};
