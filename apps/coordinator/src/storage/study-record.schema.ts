import { z } from 'zod';
import { withStoredImages } from './migrations.js';
import { datasetSchema, studySpecSchema, STUDY_STATES, type RecordVersions } from '#contracts';

/** What a study's file holds; versions are kept as those of a run's record. Its results are those of its runs, which have records of their own. */
export const studyRecordSchema = z.strictObject({
  version: z.literal(3),
  id: z.string(),
  spec: studySpecSchema,
  state: z.enum(STUDY_STATES),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
  /**
   * What each combination's data set stood for when the study was submitted, in the order of the grid: later changes of its name
   * or files do not reach trials that are not submitted yet. Null: of an earlier version, where trials find out for themselves.
   */
  datasets: z.array(z.strictObject({ dataset: datasetSchema, digest: z.string() })).nullable(),
  /** One for each trial of the grid, in its order. */
  trials: z.array(
    z.strictObject({
      runId: z.string().nullable(),
      /** Why no run could be made of it. */
      refusal: z.string().nullable(),
    }),
  ),
  idempotency: z.strictObject({ key: z.string(), bodySha256: z.string() }).nullable(),
});
export type StudyRecord = z.infer<typeof studyRecordSchema>;
/** The data set of a combination as it was when the study was submitted. */
export type StudyDataset = NonNullable<StudyRecord['datasets']>[number];

/**
 * 1: every data set's images were seen as they are stored.
 * 2: the trials of a study found their data sets one by one.
 */
export const STUDY_RECORD_VERSIONS: RecordVersions = {
  current: 3,
  migrations: {
    1: ({ spec, ...fields }) => ({ ...fields, spec: withStoredBase(spec) }),
    2: (fields) => ({ ...fields, datasets: null }),
  },
};

function withStoredBase(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null || !('base' in spec)) return spec;
  return { ...spec, base: withStoredImages(spec.base) };
}
