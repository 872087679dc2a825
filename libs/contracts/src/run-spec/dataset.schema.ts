import { z } from 'zod';

/** Formats of data sets that have a reader (libs/dataset). */
export const DATASET_KINDS = ['image-folder', 'cifar10', 'cifar100'] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];

/**
 * How images are seen that say by EXIF how their camera was held: turned as it says, or as their pixels are stored, which is
 * what torchvision does.
 */
export const orientationSchema = z.enum(['upright', 'as-stored']);
export type Orientation = z.infer<typeof orientationSchema>;

const datasetFields = {
  path: z.string().min(1),
  /** `pad-crop`: pad 4, random crop, flip (paper 4.2). `resized-crop`: random area and ratio, flip. Default by network. */
  augmentation: z.enum(['none', 'pad-crop', 'resized-crop', 'scale-crop']).optional(),
};

/** Where a run's data set lies and in which format. */
export const datasetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    /** `path` holds `train/CLASS/*.jpg` and `val/CLASS/*.jpg`. */
    kind: z.literal('image-folder'),
    ...datasetFields,
    /** What to do with a file that is no readable image: refuse the run, or leave the sample out and say so. */
    unreadable: z.enum(['refuse', 'skip']).default('refuse'),
    orientation: orientationSchema.default('upright'),
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
]);

export type DatasetSpec = z.infer<typeof datasetSchema>;
