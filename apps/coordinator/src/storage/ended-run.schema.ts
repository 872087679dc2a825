import { z } from 'zod';
import { notesSchema, runSummarySchema } from '#contracts';
import { runRecordSchema } from './run-record.schema.js';

const [training, evaluation] = runRecordSchema.options;
const { id, state, createdAt, incarnation, idempotency } = training.shape;

const commonFields = { id, state, createdAt, incarnation, idempotency };

/** What memory keeps of a run that is over: what it is found, listed and counted by. Some 3 kB. */
const endedTrainingSchema = z.strictObject({
  kind: training.shape.kind,
  ...commonFields,
  summary: runSummarySchema,
  notes: notesSchema,
  /** Looked into by dotted paths; the record holds the one that is checked. */
  spec: z.looseObject({}),
  study: training.shape.study,
});
export type EndedTraining = z.infer<typeof endedTrainingSchema>;

const endedEvaluationSchema = z.strictObject({
  kind: evaluation.shape.kind,
  ...commonFields,
  /** The run it was submitted to. */
  runId: z.string(),
});

export const endedRunSchema = z.discriminatedUnion('kind', [endedTrainingSchema, endedEvaluationSchema]);
export type EndedRun = z.infer<typeof endedRunSchema>;
