import { z } from 'zod';
import { validationFigureSchema } from './stop-when.schema.js';

/** When a run writes checkpoints, and which of them stay on disk. */
export const checkpointChoicesSchema = z
  .strictObject({
    /** Optimiser steps between checkpoints. */
    everySteps: z.int().min(1).max(1_000_000).default(100),
    /**
     * How many of the newest checkpoints stay on disk. `best`: the newest, to go on from, and the one with the best
     * validation figure, which is then written after every evaluation that is the best so far.
     */
    keep: z.union([z.int().min(1).max(1000), z.literal('best')]).default(3),
    /** What the best is judged by; only with keep `best`. Default: accuracy. Of equal ones the earliest is the best. */
    bestBy: validationFigureSchema.optional(),
  })
  .refine(({ keep, bestBy }) => bestBy === undefined || keep === 'best', {
    path: ['bestBy'],
    message: 'means nothing without keep "best"',
  });
