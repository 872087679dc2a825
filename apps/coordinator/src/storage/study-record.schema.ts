import { z } from 'zod';
import { withStoredImages } from './migrations.js';
import { studySpecSchema, STUDY_STATES, type RecordVersions } from '#contracts';

/** What a study's file holds; versions are kept as those of a run's record. Its results are those of its runs, which have records of their own. */
export const studyRecordSchema = z.strictObject({
  version: z.literal(2),
  id: z.string(),
  spec: studySpecSchema,
  state: z.enum(STUDY_STATES),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
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

/** 1: every data set's images were seen as they are stored. */
export const STUDY_RECORD_VERSIONS: RecordVersions = {
  current: 2,
  migrations: { 1: ({ spec, ...fields }) => ({ ...fields, spec: withStoredBase(spec) }) },
};

function withStoredBase(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null || !('base' in spec)) return spec;
  return { ...spec, base: withStoredImages(spec.base) };
}
