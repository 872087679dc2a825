import { z } from 'zod';
import { checkpointChoicesSchema } from './checkpoint-choices.schema.js';
import { datasetSchema, submittedDatasetSchema } from './dataset.schema.js';
import { fineTuneSchema } from './fine-tune.schema.js';
import { modelSchema } from './model.schema.js';
import { RECIPE_NAMES } from '../recipes/recipe-names.js';
import { optimizerSchema } from '../optimizers/table.js';
import { regularizationSchema } from './regularization.schema.js';
import { resizingSchema } from './resizing.schema.js';
import { figureFaults } from './figure-faults.js';
import { stopWhenSchema } from './stop-when.schema.js';
import { runNameSchema } from './run-name.schema.js';

/** What gradients travel as. */
export const WIRE_FORMATS = ['fp32', 'bf16'] as const;
export type WireFormat = (typeof WIRE_FORMATS)[number];

/**
 * What convolutions, activations and their gradients are computed in. `bf16` is mixed precision: weights, batch-norm
 * parameters and statistics, head, loss and update stay fp32.
 */
export const PRECISIONS = ['fp32', 'bf16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Whether a GPU gives the same bits every time. */
export const BITS = ['exact', 'fast'] as const;
export type Bits = (typeof BITS)[number];

/** A run as a user submits it once a recipe has completed it: its data set may be one that has a name. */
export const submittedSpecSchema = z
  .strictObject({
    name: runNameSchema,
    /** The recipe that completed this spec when it was submitted (as `recipe`); it changes nothing any more. */
    fromRecipe: z.enum(RECIPE_NAMES).optional(),
    model: modelSchema,
    dataset: submittedDatasetSchema,
    /**
     * A file to start from instead of from random numbers, safetensors or as torch.save writes it (`.pth`, `.ckpt`): of a
     * run, torchvision, timm or a trainer, seen by the coordinator, which keeps what it takes of it. Momentum and schedule start anew.
     */
    initialWeights: z.string().min(1).max(4096).optional(),
    /** Only with initialWeights; without it the file has to fit whole, and all of the network is trained. */
    fineTune: fineTuneSchema.optional(),
    /** Logical replicas; global batch = lanes x laneBatchSize. Fixed for the run. */
    lanes: z.int().min(1).max(256).default(2),
    laneBatchSize: z.int().min(1).max(4096).default(32),
    epochs: z.int().min(1).max(10_000),
    seed: z.int().min(0).max(0xffff_ffff).default(1),
    precision: z.enum(PRECISIONS).default('fp32'),
    /**
     * What gradients travel as between workers and parameter servers. `bf16` halves the bytes: a lane's gradient and
     * every sum of gradients are rounded to bfloat16, wherever they are added; statistics, loss and counts stay fp32.
     */
    wire: z.enum(WIRE_FORMATS).default('fp32'),
    /**
     * `exact`: the same bits on any number of workers and in every repetition. `fast`: on GPUs cuDNN may choose its
     * algorithms by trial, and sums may be added in any order; the ledger says from which step on. The same on a CPU.
     */
    bits: z.enum(BITS).default('exact'),
    optimizer: optimizerSchema.prefault({}),
    regularization: regularizationSchema.prefault({}),
    /** Smaller images at first. Default: those of every epoch have the model's `imageSize`. */
    resizing: resizingSchema.optional(),
    workers: z
      .strictObject({ min: z.int().min(1).max(256).default(1), max: z.int().min(1).max(256).default(256) })
      .refine((workers) => workers.min <= workers.max, { message: 'min must not be larger than max' })
      .prefault({}),
    /** Workers of other compute fingerprints join instead of waiting; from then on the same bits are not promised. */
    mixedDevices: z.boolean().default(false),
    checkpoint: checkpointChoicesSchema.prefault({}),
    /** Default: it trains all its epochs. */
    stopWhen: stopWhenSchema.optional(),
  })
  .refine(({ fineTune, initialWeights }) => fineTune === undefined || initialWeights !== undefined, {
    path: ['fineTune'],
    message: 'means nothing without initialWeights: there is nothing to go on from',
  })
  .superRefine((spec, context) => {
    for (const { path, message } of figureFaults(spec)) context.addIssue({ code: 'custom', path: [...path], message });
  })
  .meta({
    id: 'SubmittedRun',
    description: '`dataset` may also be the name of a data set: "imagenet" or "imagenet@2".',
  });
export type SubmittedRun = z.infer<typeof submittedSpecSchema>;

/** One training run, whatever it was submitted as: its data set says where it lies. */
export const runSpecSchema = submittedSpecSchema.safeExtend({ dataset: datasetSchema }).meta({ id: 'RunSpec' });

export type RunSpec = z.infer<typeof runSpecSchema>;
/** A run as the user writes it, before defaults are filled in. */
export type RunSpecInput = z.input<typeof runSpecSchema>;
