import { z } from 'zod';

/** Longest name of a run, in characters. */
export const MAX_RUN_NAME = 100;

/** What people call a run; several runs may have one name. */
export const runNameSchema = z
  .string()
  .min(1)
  .max(MAX_RUN_NAME)
  .regex(/^[\w .:@-]+$/, 'letters, digits, space and . : @ - _ only');
