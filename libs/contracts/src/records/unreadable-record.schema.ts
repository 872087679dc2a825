import { z } from 'zod';

/** A run, evaluation or study whose record on disk cannot be read. It is left as it is until somebody mends it. */
export const unreadableRecordSchema = z
  .strictObject({
    id: z.string(),
    /** Which of its files, and what is wrong with it. */
    reason: z.string(),
  })
  .meta({ id: 'UnreadableRecord' });
export type UnreadableRecord = z.infer<typeof unreadableRecordSchema>;
