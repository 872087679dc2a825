import { z } from 'zod';

const side = z.int().min(16).max(1024);

/**
 * Progressive resizing: the side of the training images by epoch, as FFCV's recipes have it (libffcv/ffcv-imagenet,
 * `get_resolution`). A pure function of the epoch, so that it knows nothing of workers or restarts.
 */
export const resizingSchema = z
  .strictObject({
    /** Side in pixels up to and with epoch `startEpoch`, counted from 0. */
    from: side,
    /** Side from epoch `endEpoch` on. */
    to: side,
    startEpoch: z.int().min(0).default(0),
    endEpoch: z.int().min(1),
    /** In between: the line from one to the other, to the nearest multiple of this, halves up, within the two. */
    multiple: z.int().min(1).max(256).default(32),
    /** Side of the images of the validation after every epoch. Default: the model's `imageSize`. */
    validation: side.optional(),
  })
  .superRefine(({ startEpoch, endEpoch }, context) => {
    if (endEpoch > startEpoch) return;
    const message = `must be after startEpoch ${startEpoch}, not ${endEpoch}`;
    context.addIssue({ code: 'custom', path: ['endEpoch'], message });
  });

export type Resizing = z.infer<typeof resizingSchema>;

/** Side of the training images in an epoch, counted from 0. */
export function trainingSide({ from, to, startEpoch, endEpoch, multiple }: Resizing, epoch: number): number {
  if (epoch <= startEpoch) return from;
  if (epoch >= endEpoch) return to;
  const exact = from + ((to - from) * (epoch - startEpoch)) / (endEpoch - startEpoch);
  const rounded = Math.round(exact / multiple) * multiple;
  return Math.min(Math.max(rounded, Math.min(from, to)), Math.max(from, to));
}
