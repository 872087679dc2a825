import { z } from 'zod';
import { datasetReferenceSchema } from './dataset-reference.js';

/** Formats of data sets that have a reader (libs/dataset). */
export const DATASET_KINDS = [
  'image-folder',
  'manifest',
  'imagenet',
  'webdataset',
  'parquet',
  'cifar10',
  'cifar100',
] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];

/**
 * How images are seen that say by EXIF how their camera was held: turned as it says, or as their pixels are stored, which is
 * what torchvision does.
 */
export const orientationSchema = z.enum(['upright', 'as-stored']);
export type Orientation = z.infer<typeof orientationSchema>;

/** Takes images for validation out of the training images where a data set has none: the same share of every class. */
export const datasetSplitSchema = z.strictObject({
  /** Share of the images of a class that is for validation; every class of two images and more keeps one in each split. */
  validation: z.number().gt(0).lt(1),
  /** Another seed chooses others. What is chosen depends on the seed and the images' names alone. */
  seed: z.int().min(0).max(0xffff_ffff).default(0),
});
export type DatasetSplit = z.infer<typeof datasetSplitSchema>;

/**
 * The order of an epoch. `global`: all samples mixed. `blocks`: a lane reads few files at a time, shuffled, and their samples are
 * mixed; for data sets in stores.
 */
const shuffleSchema = z.enum(['global', 'blocks']);

/** `none`: an epoch is every sample once. `classes`: as many draws as there are samples, the same number of every class. */
const balanceSchema = z.enum(['none', 'classes']);

/** `pad-crop`: pad 4, random crop, flip (paper 4.2). `resized-crop`: random area and ratio, flip. */
export const augmentationSchema = z.enum(['none', 'pad-crop', 'resized-crop', 'scale-crop']);

/** What a run does with a data set, wherever it lies. */
const trainingFields = {
  /** Default by network. */
  augmentation: augmentationSchema.optional(),
  /** Default `global`. */
  shuffle: shuffleSchema.optional(),
  /** Default `none`. */
  balance: balanceSchema.optional(),
};

const datasetFields = {
  path: z.string().min(1),
  ...trainingFields,
  /** The named data set that was found here, and its version: `imagenet@2`. */
  name: datasetReferenceSchema.optional(),
};

/** What to do with a file that is no readable image: refuse the run, or leave the sample out and say so. */
const unreadableSchema = z.enum(['refuse', 'skip']);

/** Of kinds whose samples are image files, wherever those lie. */
const imageFields = {
  ...datasetFields,
  unreadable: unreadableSchema.default('refuse'),
  orientation: orientationSchema.default('upright'),
};

/** Names of shards relative to `path`: `train-{000..146}.tar` counts, `{a,b}` lists. */
const shardsSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(10_000)]);

/** Of kinds whose samples lie in shards. */
const shardFields = {
  ...imageFields,
  /** Shards for training. Default: files with `train` in their name. */
  train: shardsSchema.optional(),
  /** Shards for validation. Default: files with `val` in their name. */
  validation: shardsSchema.optional(),
  /** The label: of parquet a column, of tars the field of a sample's `.json` where it has no `.cls`. */
  labelField: z.string().min(1).default('label'),
  /** For shards without any for validation. */
  split: datasetSplitSchema.optional(),
};

/** Where a run's data set lies and in which format. */
export const datasetSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      /** `path` holds `train/CLASS/*.jpg` and `val/CLASS/*.jpg`. */
      kind: z.literal('image-folder'),
      ...imageFields,
      /** For a folder without validation images. */
      split: datasetSplitSchema.optional(),
    }),
    z.strictObject({
      /** `path` holds a table of files and labels: CSV with a header, or one JSON object a line. */
      kind: z.literal('manifest'),
      ...imageFields,
      /** Name of the table, relative to `path`. Default: the only `.csv`, `.tsv` or `.jsonl` file that lies there. */
      manifest: z.string().min(1).optional(),
      /** What its columns are called. Defaults: `file` or `file_name`, `label`, and `split`, which may be absent. */
      columns: z
        .strictObject({
          file: z.string().min(1).optional(),
          label: z.string().min(1).optional(),
          split: z.string().min(1).optional(),
        })
        .optional(),
      /** For a table without a column of splits. */
      split: datasetSplitSchema.optional(),
    }),
    z.strictObject({
      /** `path` holds ILSVRC2012's tars as they are published, or Kaggle's folders. */
      kind: z.literal('imagenet'),
      ...imageFields,
    }),
    z.strictObject({
      /** `path` holds tar shards of images beside their labels (`.cls` or `.json`). */
      kind: z.literal('webdataset'),
      ...shardFields,
    }),
    z.strictObject({
      /** `path` holds parquet files with encoded images, as the Hugging Face Hub has them. */
      kind: z.literal('parquet'),
      ...shardFields,
    }),
    z.strictObject({
      /** `path` holds `data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin` and `batches.meta.txt`. */
      kind: z.literal('cifar10'),
      ...datasetFields,
    }),
    z.strictObject({
      /** `path` holds `train.bin`, `test.bin`, `fine_label_names.txt` and `coarse_label_names.txt`. */
      kind: z.literal('cifar100'),
      ...datasetFields,
      /** The 100 classes or their 20 superclasses. */
      labels: z.enum(['fine', 'coarse']).default('fine'),
    }),
  ])
  .meta({ id: 'DatasetSpec' });

export type DatasetSpec = z.infer<typeof datasetSchema>;

/** A data set by its name on the coordinator; what is not said here is as the name has it. */
export const namedDatasetSchema = z.strictObject({
  kind: z.literal('named'),
  name: datasetReferenceSchema,
  ...trainingFields,
  unreadable: unreadableSchema.optional(),
});
export type NamedDataset = z.infer<typeof namedDatasetSchema>;

/** What a run may be submitted with. */
export const submittedDatasetSchema = z.discriminatedUnion('kind', [...datasetSchema.options, namedDatasetSchema]);
export type SubmittedDataset = z.infer<typeof submittedDatasetSchema>;
