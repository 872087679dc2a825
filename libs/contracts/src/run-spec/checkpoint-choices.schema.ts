import { z } from 'zod';
import { RefusedInputError } from '../errors.js';
import { parseLocation } from './location.js';
import { validationFigureSchema } from './stop-when.schema.js';

/** `s3://bucket/prefix` */
const storeSchema = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((text, context) => {
    try {
      if (parseLocation(text).kind !== 's3')
        context.addIssue({ code: 'custom', message: `${text} is no s3://bucket/prefix` });
    } catch (error) {
      if (!(error instanceof RefusedInputError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** When a run writes checkpoints, where, and which of them stay. */
export const checkpointChoicesSchema = z
  .strictObject({
    /** Optimiser steps between checkpoints. */
    everySteps: z.int().min(1).max(1_000_000).default(100),
    /**
     * How many of the newest checkpoints stay. `best`: the newest, to go on from, and the one with the best
     * validation figure, which is then written after every evaluation that is the best so far.
     */
    keep: z.union([z.int().min(1).max(1000), z.literal('best')]).default(3),
    /** What the best is judged by; only with keep `best`. Default: accuracy. Of equal ones the earliest is the best. */
    bestBy: validationFigureSchema.optional(),
    /**
     * Where checkpoints lie, with what else the workers of the run share: `s3://bucket/prefix`, a folder a run. Default: the
     * coordinator's folder of checkpoints, which all workers must see under the same path.
     */
    store: storeSchema.optional(),
  })
  .refine(({ keep, bestBy }) => bestBy === undefined || keep === 'best', {
    path: ['bestBy'],
    message: 'means nothing without keep "best"',
  });
