import { z } from 'zod';

/** Milliseconds of one step. */
const costSchema = z.object({ wallMs: z.number(), cpuMs: z.number() });
export type Cost = z.infer<typeof costSchema>;

/** The median of the pairs' ratios, and the 95 % interval of it. */
const pairedRatioSchema = z.object({ median: z.number(), low: z.number(), high: z.number() });
export type PairedRatio = z.infer<typeof pairedRatioSchema>;

export const measurementSchema = z.object({
  title: z.string(),
  bare: costSchema,
  worker: costSchema,
  wallRatio: pairedRatioSchema,
  cpuRatio: pairedRatioSchema,
  /** Of a step through the worker's path, by its own clock. */
  parts: z.object({ data: z.number(), compute: z.number(), exchange: z.number(), update: z.number() }),
  /** Processor time of a step beside the worker's process. */
  serversCpuMs: z.number(),
  redisCpuMs: z.number(),
  stepsEach: z.number(),
  numPairs: z.number(),
});
export type Measurement = z.infer<typeof measurementSchema>;
