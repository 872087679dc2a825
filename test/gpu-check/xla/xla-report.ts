import { PRECISIONS } from '#contracts';
import { buildNetwork, type Network } from '#resnet';
import { z } from 'zod';
import { TINY_NETWORKS } from '../../../libs/engine/src/graph/testing/tiny-networks.js';

/** A network by its architecture, or one of the tiny ones that a CPU compiles within seconds. */
export function networkOf(name: string): Network {
  return TINY_NETWORKS[name] ?? buildNetwork({ architecture: name, numClasses: 1000 });
}

export const xlaOptionsSchema = z.strictObject({
  network: z.string(),
  batch: z.int().min(1),
  precision: z.enum(PRECISIONS),
  steps: z.int().min(1),
});
export type XlaOptions = z.infer<typeof xlaOptionsSchema>;

const bothSchema = z.strictObject({ plain: z.number(), compiled: z.number() });

export const xlaReportSchema = z.strictObject({
  /** Of the first step, in which XLA compiles. */
  compileSeconds: z.number(),
  /** Of the best of the turns. */
  imagesPerSecond: bothSchema,
  firstLoss: bothSchema,
});
export type XlaReport = z.infer<typeof xlaReportSchema>;
