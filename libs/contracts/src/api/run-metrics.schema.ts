import { z } from 'zod';
import { evaluationSchema, stepMetricsSchema, stepTimingsSchema } from '../messages/report.schema.js';

/** Means over the committed steps of a stretch, every step with the same weight. */
const metricsStretchSchema = z.strictObject({
  /** Its first and its last committed step. */
  from: z.int().min(1),
  to: z.int().min(1),
  numSteps: z.int().min(1),
  /** When its last step was applied, in milliseconds since 1970. */
  at: z.number(),
  /** Sum over its steps. */
  samples: z.int(),
  loss: z.number(),
  leastLoss: z.number(),
  greatestLoss: z.number(),
  accuracy: z.number(),
  learningRate: z.number(),
  /** Absent where no step has a norm. */
  gradientNorm: z.number().optional(),
  durationMs: z.number(),
  timings: stepTimingsSchema,
});
export type MetricsStretch = z.infer<typeof metricsStretchSchema>;

/**
 * A range of a run's steps in at most `points` steps: all of them where they fit. Otherwise the range is cut into stretches
 * of about the same length; `steps` holds the range's ends and the steps of least and of greatest loss of each stretch,
 * `stretches` the means. Stretches are empty where `steps` holds every step.
 */
export const runMetricsSchema = z
  .strictObject({
    steps: z.array(stepMetricsSchema),
    stretches: z.array(metricsStretchSchema),
    evaluations: z.array(evaluationSchema),
  })
  .meta({ id: 'RunMetrics' });
export type RunMetrics = z.infer<typeof runMetricsSchema>;
