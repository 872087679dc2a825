import {
  datasetContentSchema,
  datasetNameSchema,
  datasetSchema,
  datasetVersionSchema,
  problemSchema,
  type RecordVersions,
} from '#contracts';
import { z } from 'zod';

/** How the newest survey stands. `under-way`: it goes on with the next start. */
const keptSurveySchema = z.strictObject({
  state: z.enum(['under-way', 'ready', 'refused', 'cancelled', 'failed']),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  problem: problemSchema.nullable(),
});

/** What the file of a named data set holds. Its index is kept elsewhere and can be made again; versions are kept as those of a run's record. */
export const datasetRecordSchema = z.strictObject({
  version: z.literal(1),
  name: datasetNameSchema,
  createdAt: z.number(),
  /** Where it lies, with an absolute path. */
  dataset: datasetSchema,
  survey: keptSurveySchema,
  /** The one that was found last is the first. */
  versions: z.array(datasetVersionSchema),
  /** Of the first version. */
  content: datasetContentSchema.nullable(),
});
export type DatasetRecord = z.infer<typeof datasetRecordSchema>;

export const DATASET_RECORD_VERSIONS: RecordVersions = { current: 1, migrations: {} };
