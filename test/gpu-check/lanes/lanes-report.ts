import { PRECISIONS } from '#contracts';
import { z } from 'zod';

/** How many lanes of what batch make a step, how many of them at once, and whether their sum leaves the device and comes back. */
const wayOfLanesSchema = z.strictObject({
  lanes: z.int().min(1),
  batch: z.int().min(1),
  lanesAtOnce: z.int().min(1),
  how: z.enum(['train', 'exchanged']),
  /** Devices that share the lanes, as TensorFlow names them; none: one that it chooses. */
  devices: z.array(z.string()).readonly().default([]),
});
export type WayOfLanes = z.infer<typeof wayOfLanesSchema>;
/** One as it is written: without devices it has one. */
export type WayOfLanesInput = z.input<typeof wayOfLanesSchema>;

export const lanesOptionsSchema = z.strictObject({
  architecture: z.string(),
  precision: z.enum(PRECISIONS),
  warmup: z.int().min(1),
  steps: z.int().min(1),
  ways: z.array(wayOfLanesSchema).min(1).readonly(),
});
export type LanesOptions = z.input<typeof lanesOptionsSchema>;

export const lanesReportSchema = z.array(
  z.strictObject({
    way: wayOfLanesSchema,
    imagesPerSecond: z.number(),
    /** Of a step. */
    fedBytes: z.int(),
    fetchedBytes: z.int(),
    /** Of the last step's reduced gradient. */
    digest: z.string(),
  }),
);
export type LanesReport = z.infer<typeof lanesReportSchema>;
