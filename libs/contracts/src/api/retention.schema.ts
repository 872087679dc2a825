import { z } from 'zod';
import { RUN_STATES } from './run-states.js';

/** Runs with this tag are never deleted by the retention. */
export const KEEP_TAG = 'keep';

/** States that a run never leaves. */
const state = z.enum(RUN_STATES).extract(['cancelled', 'failed', 'finished']);

/** A run that the retention will delete. */
const dueRunSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  state,
  finishedAt: z.number(),
  /** When it is deleted at the earliest, milliseconds since 1970; in the past: by the next look. */
  deletedAt: z.number(),
  /** Why it is not deleted though its time has come, in words; null where nothing is in the way. */
  obstacle: z.string().nullable(),
});
export type DueRun = z.infer<typeof dueRunSchema>;

/** What the retention deletes, and when. Nothing is deleted by asking. */
export const retentionSchema = z
  .strictObject({
    /** Runs in a state without a rule stay. Empty: the retention is off. */
    rules: z.array(z.strictObject({ state, afterMs: z.int().min(1) })),
    /** By the time of deletion, the earliest first. */
    runs: z.array(dueRunSchema),
    total: z.int().min(0),
    offset: z.int().min(0),
    limit: z.int().min(1),
    /** Runs that a rule would take, were they not archived or tagged `keep`. */
    numExempt: z.int().min(0),
  })
  .meta({ id: 'Retention' });
export type RetentionView = z.infer<typeof retentionSchema>;
