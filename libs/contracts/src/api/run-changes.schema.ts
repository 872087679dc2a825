import { z } from 'zod';
import { runNameSchema } from '../run-spec/run-name.schema.js';
import { notesSchema, tagsSchema } from './run-labels.schema.js';

/** What can be changed of a run in any state, save that only a run that is over can be archived. Fields left out stay. */
export const runChangesSchema = z
  .strictObject({
    name: runNameSchema.optional(),
    /** Replaces all tags. */
    tags: tagsSchema.optional(),
    notes: notesSchema.optional(),
    /** Lists leave archived runs out unless they are asked for, and the retention never deletes them. */
    isArchived: z.boolean().optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    message: 'must change name, tags, notes or isArchived',
  })
  .meta({ id: 'RunChanges' });
export type RunChanges = z.infer<typeof runChangesSchema>;
