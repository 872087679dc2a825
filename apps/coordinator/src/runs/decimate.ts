import type { MetricsStretch, RunMetrics, StepMetrics } from '#contracts';
import type { StepSeries } from './step-series.js';

/**
 * At most `points` steps of [from, to] that draw the same curve: of each stretch the steps of least and of greatest
 * loss, so a spike of one step is never lost, and always the first and the last step.
 */
export function decimated(
  series: StepSeries,
  from: number,
  to: number,
  points: number,
): Pick<RunMetrics, 'steps' | 'stretches'> {
  const all = [...series.stepsBetween(from, to)].flatMap((step) => series.get(step) ?? []);
  if (all.length <= points) return { steps: all, stretches: [] };
  const numStretches = Math.max(1, Math.floor((points - 2) / 2));
  const chosen = new Set(all.slice(0, 1));
  const stretches: MetricsStretch[] = [];
  for (let index = 0; index < numStretches && points > 2; index += 1) {
    const begin = Math.floor((index * all.length) / numStretches);
    const end = Math.floor(((index + 1) * all.length) / numStretches);
    const steps = all.slice(begin, end);
    const byLoss = steps.toSorted((left, right) => left.loss - right.loss);
    for (const step of [byLoss[0], byLoss.at(-1)]) if (step !== undefined) chosen.add(step);
    stretches.push(stretchOf(steps, byLoss));
  }
  for (const step of all.slice(-1)) chosen.add(step);
  const steps = [...chosen].sort((left, right) => left.step - right.step).slice(-Math.max(points, 1));
  return { steps, stretches };
}

function stretchOf(steps: readonly StepMetrics[], byLoss: readonly StepMetrics[]): MetricsStretch {
  const mean = (value: (step: StepMetrics) => number, of = steps): number =>
    of.reduce((sum, step) => sum + value(step), 0) / of.length;
  const withNorm = steps.filter(({ gradientNorm }) => gradientNorm !== undefined);
  return {
    from: steps[0]?.step ?? 0,
    to: steps.at(-1)?.step ?? 0,
    numSteps: steps.length,
    at: steps.at(-1)?.at ?? 0,
    samples: steps.reduce((sum, { samples }) => sum + samples, 0),
    loss: mean(({ loss }) => loss),
    leastLoss: byLoss[0]?.loss ?? 0,
    greatestLoss: byLoss.at(-1)?.loss ?? 0,
    accuracy: mean(({ accuracy }) => accuracy),
    learningRate: mean(({ learningRate }) => learningRate),
    ...(withNorm.length > 0 && { gradientNorm: mean(({ gradientNorm = 0 }) => gradientNorm, withNorm) }),
    durationMs: mean(({ durationMs }) => durationMs),
    timings: {
      dataMs: mean(({ timings }) => timings.dataMs),
      computeMs: mean(({ timings }) => timings.computeMs),
      exchangeMs: mean(({ timings }) => timings.exchangeMs),
      updateMs: mean(({ timings }) => timings.updateMs),
    },
  };
}
