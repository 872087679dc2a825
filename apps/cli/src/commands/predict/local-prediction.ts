import { modelSchema, orientationSchema } from '#contracts';
import { z } from 'zod';

/** What the predicting process is told. */
export const localPredictionSchema = z.strictObject({
  model: modelSchema,
  weights: z.string(),
  engine: z.enum(['graph', 'portable']),
  orientation: orientationSchema,
  top: z.int().min(1),
  /** Null: the most probable class. */
  ofClass: z.int().min(0).nullable(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      /** Where its overlay goes; null: none is drawn. */
      overlay: z.string().nullable(),
    }),
  ),
});
export type LocalPrediction = z.infer<typeof localPredictionSchema>;

/** What it answers to each file, in order. */
export const localPredictionAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('prediction'),
    width: z.int(),
    height: z.int(),
    classes: z.array(z.strictObject({ index: z.int(), probability: z.number() })),
    overlayOf: z.int().nullable(),
  }),
  z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
]);
export type LocalPredictionAnswer = z.infer<typeof localPredictionAnswerSchema>;
