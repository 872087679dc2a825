import { z } from 'zod';
import { RUN_STATES } from '../api/run-states.js';
import { studySpecSchema } from './study.schema.js';
import { unreadableRecordSchema } from '../records/unreadable-record.schema.js';

/** `finished`: every run is over and at least one has finished. `failed`: none has. */
export const STUDY_STATES = ['running', 'finished', 'failed', 'cancelled'] as const;
export type StudyState = (typeof STUDY_STATES)[number];

/** States of a run, and: not submitted yet; refused when it was to be submitted; its record is gone. */
export const TRIAL_STATES = ['waiting', ...RUN_STATES, 'refused', 'lost'] as const;
export type TrialState = (typeof TRIAL_STATES)[number];

const share = z.number().min(0).max(1);

/** Errors are shares in [0, 1]. */
const trialErrorsShape = {
  /** Of the last epoch's steps, as they were trained: augmented, with batch statistics. */
  trainError: share.nullable(),
  /** Of the newest evaluation. */
  validationError: share.nullable(),
  /** The least of all evaluations. */
  bestValidationError: share.nullable(),
};

export const studyTrialSchema = z.strictObject({
  /** The value of each axis, in the order of the axes. */
  labels: z.array(z.string()),
  seed: z.int(),
  /** Null until it is submitted. */
  runId: z.string().nullable(),
  state: z.enum(TRIAL_STATES),
  reason: z.string().nullable(),
  step: z.int(),
  /** 0 while it is not submitted. */
  totalSteps: z.int(),
  ...trialErrorsShape,
});
export type StudyTrialView = z.infer<typeof studyTrialSchema>;

const summaryShape = {
  id: z.string(),
  name: z.string(),
  state: z.enum(STUDY_STATES),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
  numRuns: z.int(),
  numFinished: z.int(),
  /** Failed, refused or lost. */
  numFailed: z.int(),
};

export const studyViewSchema = z
  .strictObject({
    ...summaryShape,
    spec: studySpecSchema,
    trials: z.array(studyTrialSchema),
    /** Names of its figures: GET /v1/studies/:id/figures/NAME.svg. */
    figures: z.array(z.string()),
  })
  .meta({ id: 'Study' });
export type StudyView = z.infer<typeof studyViewSchema>;

export const studyListSchema = z
  .strictObject({
    studies: z.array(z.strictObject(summaryShape)),
    total: z.int(),
    offset: z.int(),
    limit: z.int(),
    unreadable: z.array(unreadableRecordSchema).default([]),
  })
  .meta({ id: 'StudyList' });
export type StudyList = z.infer<typeof studyListSchema>;
export type StudySummary = StudyList['studies'][number];

/** Mean and sample standard deviation over the seeds that have finished; no deviation of a single one. */
export const meanSchema = z.strictObject({ mean: z.number(), std: z.number().nullable(), count: z.int().min(1) });
export type Mean = z.infer<typeof meanSchema>;

/** As the paper's Table 2 and Table 6: one row a combination, mean ± std over its seeds. */
export const studyTableSchema = z
  .strictObject({
    studyId: z.string(),
    name: z.string(),
    state: z.enum(STUDY_STATES),
    axes: z.array(z.string()),
    rows: z.array(
      z.strictObject({
        labels: z.array(z.string()),
        /** Learned numbers of its network; null where that can no longer be told. */
        parameters: z.int().nullable(),
        numRuns: z.int(),
        numFinished: z.int(),
        /** Why runs are missing from the means; null where none is. */
        missing: z.string().nullable(),
        trainError: meanSchema.nullable(),
        validationError: meanSchema.nullable(),
        bestValidationError: meanSchema.nullable(),
        runIds: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'StudyTable' });
export type StudyTable = z.infer<typeof studyTableSchema>;
