import { z } from 'zod';
import { recordedDatasetSchema } from '../records/recorded-dataset.schema.js';
import { workerTimesSchema } from '../messages/straggler-report.schema.js';
import { shardCacheSchema } from '../messages/shard-cache.schema.js';
import { checkpointSchema } from '../messages/report.schema.js';
import { bestEvaluationSchema, stoppedSchema } from '../run-spec/stop-when.schema.js';
import { runSpecSchema } from '../run-spec/run-spec.schema.js';
import { originSchema } from './clone.schema.js';
import { RUN_STATES } from './run-states.js';
import { MAX_SHOWN_WARNINGS, runEventSchema } from './run-event.schema.js';
import { notesSchema, tagsSchema } from './run-labels.schema.js';

/** The first step whose bits are not promised, as a worker of another compute fingerprint may have had part in it. */
const mixedFromStep = z.int().min(1).nullable().default(null);
/** The first step whose bits are not promised, as a GPU may have computed in it with fast bits. */
const fastFromStep = z.int().min(1).nullable().default(null);

/** A checkpoint on disk. */
export const shownCheckpointSchema = checkpointSchema
  .omit({ best: true })
  .extend({
    /** Kept as the best (`checkpoint.keep`): its weights had the best evaluation of the run so far. */
    isBest: z.boolean(),
    /** Of the best: the figure it is judged by. */
    figure: bestEvaluationSchema.omit({ step: true }).optional(),
  })
  .meta({ id: 'Checkpoint' });
export type ShownCheckpoint = z.infer<typeof shownCheckpointSchema>;

export const runViewSchema = z
  .strictObject({
    id: z.string(),
    spec: runSpecSchema,
    state: z.enum(RUN_STATES),
    /** Why a pending, paused or failed run is not training; null while it trains. */
    reason: z.string().nullable(),
    createdAt: z.number(),
    startedAt: z.number().nullable(),
    finishedAt: z.number().nullable(),
    incarnation: z.int(),
    progress: z.strictObject({
      step: z.int(),
      totalSteps: z.int(),
      epoch: z.int(),
      epochs: z.int(),
      loss: z.number().nullable(),
      trainAccuracy: z.number().nullable(),
      valLoss: z.number().nullable(),
      valAccuracy: z.number().nullable(),
      /** Absent where there are no more than five classes, or no evaluation yet. */
      valTop5Accuracy: z.number().optional(),
      imagesPerSecond: z.number().nullable(),
      etaSeconds: z.number().nullable(),
    }),
    dataset: recordedDatasetSchema,
    /** Lane to the worker that drives it now. */
    lanes: z.array(z.strictObject({ lane: z.int(), workerId: z.string().nullable() })),
    workers: z.array(z.string()),
    /** How fast its workers with lanes were in the last steps, and which of them are slow; empty while nobody trains. */
    stragglerReport: z.array(workerTimesSchema).default([]),
    /** Of the hosts of its workers, where its data set is fetched: how much of it is in their shard caches. */
    shardCaches: z.array(shardCacheSchema.extend({ host: z.string() })).default([]),
    fingerprint: z.string().nullable(),
    mixedFromStep,
    fastFromStep,
    /** Samples committed per epoch; missing and repeated are 0 unless something is wrong. Samples left out are not missing. */
    ledger: z.array(
      z.strictObject({
        epoch: z.int(),
        samples: z.int(),
        expected: z.int(),
        missing: z.int(),
        repeated: z.int(),
        /** Of unreadable files (`unreadable: 'skip'`); absent where there are none. The journal names them. */
        leftOut: z.int().min(1).optional(),
        /** The hash chain after the epoch's newest step; null where a step or its digest is missing up to there. */
        chain: z.string().nullable().default(null),
      }),
    ),
    /** On disk, oldest first. */
    checkpoints: z.array(shownCheckpointSchema),
    weightsSha256: z.string().nullable(),
    /** Where and why it ended before its last epoch (`stopWhen`); null where it did not. */
    stopped: stoppedSchema.nullable().default(null),
    /** The study it belongs to. */
    studyId: z.string().nullable().default(null),
    /** The run it was cloned from; null where it was submitted as a spec of its own. */
    origin: originSchema.nullable().default(null),
    tags: tagsSchema.default([]),
    notes: notesSchema.default(''),
    /** Put away: lists leave it out unless they are asked for it. */
    isArchived: z.boolean().default(false),
    /** Lines of its journal that are warnings or errors. */
    numWarnings: z.int().min(0).default(0),
    /** The newest of them, oldest first. */
    warnings: z.array(runEventSchema).max(MAX_SHOWN_WARNINGS).default([]),
  })
  .meta({ id: 'Run' });
export type RunView = z.infer<typeof runViewSchema>;

/** One committed step as the ledger has it. */
const ledgerStepSchema = z.strictObject({
  step: z.int().min(1),
  epoch: z.int().min(0),
  samples: z.int(),
  /** Samples of unreadable files; absent where there are none. */
  leftOut: z.int().min(1).optional(),
  loss: z.number(),
  /** The one the step was applied with. */
  learningRate: z.number(),
  digest: z.string().nullable(),
  /** The hash chain after this step; null where a step or its digest is missing up to here. */
  chain: z.string().nullable(),
});
export type LedgerStep = z.infer<typeof ledgerStepSchema>;

/** A page of a run's ledger, by step; steps nobody reported are left out. */
export const ledgerPageSchema = z
  .strictObject({ steps: z.array(ledgerStepSchema), lastStep: z.int().min(0), mixedFromStep, fastFromStep })
  .meta({ id: 'LedgerPage' });
export type LedgerPage = z.infer<typeof ledgerPageSchema>;

/** RFC 9457 problem details; `errors` names every fault of the input at once. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
