import { z } from 'zod';
import { unreadableRecordSchema } from '../records/unreadable-record.schema.js';
import { runViewSchema, type RunView } from './run-view.schema.js';

/** What lists of runs are sorted by: the newest first, names from A, the best accuracy first, the least loss first. */
export const RUN_SORTS = ['created', 'name', 'accuracy', 'loss'] as const;
export type RunSort = (typeof RUN_SORTS)[number];

const { id, state, reason, createdAt, startedAt, finishedAt, progress, tags, isArchived, studyId, numWarnings } =
  runViewSchema.shape;

/** A run as lists show it: some 700 bytes, however long it trains. */
export const runSummarySchema = z
  .strictObject({
    id,
    name: z.string(),
    state,
    reason,
    createdAt,
    startedAt,
    finishedAt,
    architecture: z.string(),
    /** The name of the data set, `imagenet@2`, else the last part of its path. */
    datasetName: z.string(),
    lanes: z.int().min(1),
    laneBatchSize: z.int().min(1),
    progress,
    /** Workers that serve it now. */
    numWorkers: z.int().min(0),
    tags,
    hasNotes: z.boolean(),
    isArchived,
    studyId,
    numWarnings,
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof runSummarySchema>;

/** What a list shows of a run. */
export function runSummary(run: RunView): RunSummary {
  const { spec } = run;
  return {
    id: run.id,
    name: spec.name,
    state: run.state,
    reason: run.reason,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    architecture: spec.model.architecture,
    datasetName: datasetNameOf(spec.dataset),
    lanes: spec.lanes,
    laneBatchSize: spec.laneBatchSize,
    progress: run.progress,
    numWorkers: run.workers.length,
    tags: run.tags,
    hasNotes: run.notes !== '',
    isArchived: run.isArchived,
    studyId: run.studyId,
    numWarnings: run.numWarnings,
  };
}

function datasetNameOf({ name, path }: RunView['spec']['dataset']): string {
  return name ?? path.split('/').findLast((part) => part !== '') ?? path;
}

/** A page of the runs that match a query. */
export const runListSchema = z
  .strictObject({
    runs: z.array(runSummarySchema),
    /** Runs that match, on all pages. */
    total: z.int(),
    offset: z.int(),
    limit: z.int(),
    /** Runs and evaluations of which no more is known; empty where the list is filtered. */
    unreadable: z.array(unreadableRecordSchema).default([]),
  })
  .meta({ id: 'RunList' });
export type RunList = z.infer<typeof runListSchema>;
