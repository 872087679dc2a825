import type { MetricsStretch, RunMetrics, StepMetrics } from '#contracts';

/** Neighbouring steps as one: their means, their samples together. A step alone is one, too. */
export type Stretch = Pick<
  MetricsStretch,
  'to' | 'numSteps' | 'at' | 'samples' | 'loss' | 'accuracy' | 'durationMs' | 'timings'
>;

/** A whole series in stretches: those of the coordinator, then each step that came after them. */
export function stretchesOf({ steps, stretches }: Pick<RunMetrics, 'steps' | 'stretches'>): readonly Stretch[] {
  const last = stretches.at(-1)?.to ?? 0;
  return [...stretches, ...steps.filter(({ step }) => step > last).map(alone)];
}

function alone({ step, at, samples, loss, accuracy, durationMs, timings }: StepMetrics): Stretch {
  return { to: step, numSteps: 1, at, samples, loss, accuracy, durationMs, timings };
}
