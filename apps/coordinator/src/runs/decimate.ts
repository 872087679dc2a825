import type { StepSeries } from './step-series.js';

/**
 * At most `points` steps of [from, to] that draw the same curve: of each stretch the steps of least and of greatest
 * loss, so a spike of one step is never lost, and always the first and the last step.
 */
export function decimatedSteps(series: StepSeries, from: number, to: number, points: number): number[] {
  const steps = [...series.stepsBetween(from, to)];
  if (steps.length <= points) return steps;
  const numStretches = Math.max(1, Math.floor((points - 2) / 2));
  const chosen = new Set<number>([steps[0] ?? 0]);
  for (let stretch = 0; stretch < numStretches && points > 2; stretch += 1) {
    const begin = Math.floor((stretch * steps.length) / numStretches);
    const end = Math.floor(((stretch + 1) * steps.length) / numStretches);
    let least = steps[begin] ?? 0;
    let greatest = least;
    for (const step of steps.slice(begin, end)) {
      const loss = series.lossOf(step) ?? 0;
      if (loss < (series.lossOf(least) ?? 0)) least = step;
      if (loss > (series.lossOf(greatest) ?? 0)) greatest = step;
    }
    chosen.add(least).add(greatest);
  }
  chosen.add(steps.at(-1) ?? 0);
  return [...chosen].sort((a, b) => a - b).slice(-Math.max(points, 1));
}
