import { z } from 'zod';
import { checkpointNameTextSchema } from './checkpoint-name.schema.js';
import { orientationSchema } from '../run-spec/dataset.schema.js';
import { modelSchema } from '../run-spec/model.schema.js';
import { PRECISIONS } from '../run-spec/run-spec.schema.js';

/** Which weights of a checkpoint: those training goes on from, or the running average of them (EMA). */
export const weightsKindSchema = z.enum(['trained', 'average']);
export type WeightsKind = z.infer<typeof weightsKindSchema>;

/** Bytes of an image file that is predicted. */
export const MAX_PREDICTION_BYTES = 16 * 1024 * 1024;

/**
 * A prediction as a worker is asked for it: one BullMQ job. The image and the overlay are files where coordinator and workers
 * find the run's checkpoints: under the same path, or in its store; no pixels go through Redis.
 */
export const predictionJobSchema = z.strictObject({
  model: modelSchema,
  precision: z.enum(PRECISIONS).default('fp32'),
  weightsPath: z.string(),
  /** Null where it is not known. */
  weightsSha256: z.string().nullable(),
  imagePath: z.string(),
  /** As the network's run saw its images. */
  orientation: orientationSchema.default('upright'),
  top: z.int().min(1),
  /** Where the Grad-CAM overlay goes, and the class it is of: null the most probable one. */
  overlay: z.strictObject({ path: z.string(), ofClass: z.int().min(0).nullable() }).nullable(),
  /** After which nobody waits for it any more: milliseconds since 1970 by the clock of Redis, which asker and worker share. */
  deadline: z.number(),
});
export type PredictionJob = z.infer<typeof predictionJobSchema>;

/** What a worker answers: the value its job returns. */
export const predictionAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    width: z.int(),
    height: z.int(),
    classes: z.array(z.strictObject({ index: z.int(), probability: z.number() })),
    overlayOf: z.int().nullable(),
  }),
  /** What was refused, the image or the weights, and why. */
  z.strictObject({ ok: z.literal(false), what: z.enum(['image', 'weights']), reason: z.string() }),
]);
export type PredictionAnswer = z.infer<typeof predictionAnswerSchema>;

const predictedClassSchema = z.strictObject({
  index: z.int(),
  name: z.string(),
  probability: z.number(),
});

/** What a run's network says of an image. */
export const predictionSchema = z
  .strictObject({
    runId: z.string(),
    /** Of the checkpoint. */
    step: z.int(),
    weights: weightsKindSchema,
    /** Pixels of the image as the network was shown it, upright or as stored. */
    image: z.strictObject({ width: z.int(), height: z.int() }),
    /** The most probable first. */
    classes: z.array(predictedClassSchema),
    /** A PNG file in base64, where it was asked for: Grad-CAM over the square that the network saw. */
    overlay: z.strictObject({ ofClass: z.int(), name: z.string(), png: z.string() }).nullable(),
  })
  .meta({ id: 'Prediction' });
export type Prediction = z.infer<typeof predictionSchema>;

const count = z.coerce.number().int();

/** Query of POST /v1/runs/:id/predict. */
export const predictionQuerySchema = z.strictObject({
  top: count.min(1).max(10_000).default(5),
  /** Checkpoint; the newest one by default. */
  step: checkpointNameTextSchema.optional(),
  /** The average of weights, or not; by default where the run keeps one. */
  ema: z.enum(['true', 'false']).optional(),
  overlay: z.enum(['grad-cam']).optional(),
  /** Index or name of the class that the overlay is of; the most probable one by default. */
  class: z.string().min(1).optional(),
});
export type PredictionQuery = z.infer<typeof predictionQuerySchema>;
