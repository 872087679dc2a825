import { z } from 'zod';

/** Scores of an image's views: mean of their softmax, or softmax of their mean logit (which ranks as the sum does). */
const averageSchema = z.enum(['softmax', 'logits']).default('softmax');
const side = z.int().min(16).max(4096);
const cropFields = {
  /** Shorter side the image is resized to. Default: 256/224 of the network's side; the side itself up to 64 pixels. */
  resize: side.optional(),
  /** Side of the crop. Default: the network's side. */
  crop: side.optional(),
  average: averageSchema,
};

/** How a data set is evaluated (He et al. 2015, 3.4): which views of an image a network sees. */
export const protocolSchema = z
  .discriminatedUnion('kind', [
    /** The middle of the resized image. */
    z.strictObject({
      kind: z.literal('center'),
      ...cropFields,
      /** Also its mirror image. */
      flip: z.boolean().default(false),
    }),
    /** Four corners and the middle, and the same of the mirror image (Krizhevsky et al. 2012). */
    z.strictObject({ kind: z.literal('ten-crop'), ...cropFields }),
    /** The whole image at several sizes: fully convolutional, global average pooling over the whole map. */
    z.strictObject({
      kind: z.literal('multi-scale'),
      /** Default: the paper's 224, 256, 384, 480 and 640, in proportion where the network's side is not 224. */
      shorterSides: z.array(side).min(1).max(16).optional(),
      flip: z.boolean().default(false),
      average: averageSchema,
    }),
  ])
  .superRefine((protocol, context) => {
    if (protocol.kind === 'multi-scale') return;
    const { resize, crop } = protocol;
    if (resize === undefined || crop === undefined || crop <= resize) return;
    context.addIssue({
      code: 'custom',
      path: ['crop'],
      message: `a crop of ${crop} does not fit into ${resize} pixels`,
    });
  });
export type EvaluationProtocol = z.infer<typeof protocolSchema>;

/** Counts of a part of a data set; sums of parts are the counts of the whole. */
export const tallySchema = z.strictObject({
  /** Sum of the cross-entropy of the averaged scores. */
  lossSum: z.number(),
  samples: z.int().min(0),
  correct: z.int().min(0),
  correctTop5: z.int().min(0),
  /** Label, predicted class, samples: of every pair that occurred, in that order. */
  confusion: z.array(z.tuple([z.int().min(0), z.int().min(0), z.int().min(1)])),
});
export type EvaluationTally = z.infer<typeof tallySchema>;

/** What an evaluation found, over every image once. */
export const evaluationResultSchema = z
  .strictObject({
    samples: z.int(),
    loss: z.number(),
    accuracy: z.number(),
    /** Absent where there are no more than five classes. */
    top5Accuracy: z.number().optional(),
    classes: z.array(
      z.strictObject({ name: z.string(), samples: z.int(), correct: z.int(), accuracy: z.number().nullable() }),
    ),
    confusion: tallySchema.shape.confusion,
  })
  .meta({ id: 'EvaluationResult' });
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;
