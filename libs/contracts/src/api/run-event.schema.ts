import { z } from 'zod';

/** Lines of its journal that a run's view carries. */
export const MAX_SHOWN_WARNINGS = 20;

/**
 * One line of a run's journal; `id` grows by one and is the SSE id. SSE sends `event: journal` with an id for these,
 * and, without an id, `event: progress` (a RunView) and `event: steps` (StepMetrics[]) at most twice a second.
 */
export const runEventSchema = z
  .strictObject({
    id: z.int().min(1),
    at: z.number(),
    level: z.enum(['info', 'warning', 'error']),
    /** submitted, started, paused, resumed, cancelled, failed, finished, evaluation, checkpoint, edited, lanes, worker, straggler, data. */
    topic: z.string(),
    message: z.string(),
  })
  .meta({ id: 'RunEvent' });
export type RunEvent = z.infer<typeof runEventSchema>;
