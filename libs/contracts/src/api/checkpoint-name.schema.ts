import { z } from 'zod';

const WORDS = ['newest', 'best'] as const;
const error = 'expected the step of a checkpoint, newest or best';

/** One of a run's checkpoints: by its step, or the newest, or the best of a run that keeps it (`checkpoint.keep`). */
export const checkpointNameSchema = z.union([z.int().min(0), z.enum(WORDS)], { error });
export type CheckpointName = z.infer<typeof checkpointNameSchema>;

/** The same as text, of a query, a path or a flag. */
export const checkpointNameTextSchema = z.union([z.enum(WORDS), z.coerce.number().int().min(0)], { error });
