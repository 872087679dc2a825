import { z } from 'zod';

const MAX_TAGS = 50;

/** A word that people sort runs by. A comma would end it in a list of tags. */
export const tagSchema = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[\w.:@/+-]+$/, 'letters, digits and . : @ / + - _ only');

/** The tags of a run, each once. */
export const tagsSchema = z
  .array(tagSchema)
  .max(MAX_TAGS)
  .refine((tags) => new Set(tags).size === tags.length, 'names a tag twice');

/** What people write about a run; lists search it, so that it is held in memory. */
export const notesSchema = z.string().max(10_000);
