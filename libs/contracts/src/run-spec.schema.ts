import { z } from 'zod';
import { datasetSchema } from './dataset.schema.js';
import { modelSchema } from './model.schema.js';
import { RECIPE_NAMES } from './recipes/recipe-names.js';
import { optimizerSchema } from './optimizer.schema.js';
import { regularizationSchema } from './regularization.schema.js';

/** What a user submits: one training run. */
export const runSpecSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[\w .:@-]+$/, 'letters, digits, space and . : @ - _ only'),
    /** The recipe that completed this spec when it was submitted (as `recipe`); it changes nothing any more. */
    fromRecipe: z.enum(RECIPE_NAMES).optional(),
    model: modelSchema,
    dataset: datasetSchema,
    /** Logical replicas; global batch = lanes x laneBatchSize. Fixed for the run. */
    lanes: z.int().min(1).max(256).default(2),
    laneBatchSize: z.int().min(1).max(4096).default(32),
    epochs: z.int().min(1).max(10_000),
    seed: z.int().min(0).max(0xffff_ffff).default(1),
    precision: z.literal('fp32').default('fp32'),
    optimizer: optimizerSchema.prefault({}),
    regularization: regularizationSchema.prefault({}),
    workers: z
      .strictObject({ min: z.int().min(1).max(256).default(1), max: z.int().min(1).max(256).default(256) })
      .refine((workers) => workers.min <= workers.max, { message: 'min must not be larger than max' })
      .prefault({}),
    checkpoint: z
      .strictObject({
        /** Optimiser steps between checkpoints. */
        everySteps: z.int().min(1).max(1_000_000).default(100),
        /** How many of the newest checkpoints stay on disk. */
        keep: z.int().min(1).max(1000).default(3),
      })
      .prefault({}),
  })
  .meta({ id: 'RunSpec' });

export type RunSpec = z.infer<typeof runSpecSchema>;
/** A run as the user writes it, before defaults are filled in. */
export type RunSpecInput = z.input<typeof runSpecSchema>;
