import { z } from 'zod';

const bytes = z.int().min(0);

/** A file that stays although its run goes, as another needs it. Its bytes are freed with the other. */
const keptFileSchema = z.strictObject({
  /** Below the folder of the run's checkpoints. */
  file: z.string(),
  sizeBytes: bytes,
  /** Who needs it, in words. */
  usedBy: z.string(),
});

/** What deleting a run or a study comes to. Before it is deleted this is a forecast, afterwards what was done. */
export const removalSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['run', 'study']),
    name: z.string(),
    /** Freed on disk: record, checkpoints, initial weights and evaluations. */
    freedBytes: bytes,
    /** Folders in stores that go as well, soon afterwards. */
    stores: z.array(z.string()).default([]),
    numCheckpoints: z.int().min(0),
    /** Ids of the evaluations that go with it. */
    evaluations: z.array(z.string()),
    /** Ids of the runs that go with a study. */
    runs: z.array(z.string()),
    kept: z.array(keptFileSchema),
    /** What others lose by it, in words: a study that is over loses a row of its table. */
    losses: z.array(z.string()),
    /** Why it cannot be deleted now, each with what to do; empty where it can. */
    obstacles: z.array(z.string()),
  })
  .meta({ id: 'Removal' });
export type Removal = z.infer<typeof removalSchema>;
