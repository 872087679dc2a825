import type { MetricsStretch, RunMetrics } from '#contracts';
import { FAN, rowMetrics } from '../step-store/step-rows.js';
import type { StepTotals } from '../step-store/step-totals.js';
import type { StepSeries } from './step-series.js';

/**
 * At most `points` steps of [from, to] that draw the same curve: of each stretch the steps of least and of greatest
 * loss, so a spike of one step is never lost, and always the first and the last step. Costs some blocks a point, however
 * many steps the range has.
 */
export function decimated(
  series: StepSeries,
  from: number,
  to: number,
  points: number,
): Pick<RunMetrics, 'steps' | 'stretches'> {
  return series.reading(() => {
    const range = series.totals(from, to);
    if (range.count <= points)
      return {
        steps: series.rows(range.first, range.last).map(({ block, row, step }) => rowMetrics(block, row, step)),
        stretches: [],
      };
    const numStretches = Math.max(1, Math.floor((points - 2) / 2));
    const chosen = new Set([range.first]);
    const stretches: MetricsStretch[] = [];
    for (const [begin, end] of points > 2 ? cut(range.first, range.last, numStretches) : []) {
      const totals = series.totals(begin, end);
      if (totals.count === 0) continue;
      chosen.add(totals.leastStep).add(totals.greatestStep);
      stretches.push(stretchOf(totals));
    }
    chosen.add(range.last);
    const steps = [...chosen].sort((left, right) => left - right).slice(-Math.max(points, 1));
    return { steps: steps.flatMap((step) => series.get(step) ?? []), stretches };
  });
}

/**
 * Cuts the steps [first, last] into stretches that end where totals end, where they are long enough: one may be longer or
 * shorter than the others by a sixteenth.
 */
function* cut(first: number, last: number, numStretches: number): Generator<[begin: number, end: number]> {
  const length = (last - first + 1) / numStretches;
  let unit = 1;
  while (unit * FAN * FAN <= length) unit *= FAN;
  for (let index = 1, begin = first; index <= numStretches; index += 1) {
    const end = index === numStretches ? last : Math.round((first - 1 + index * length) / unit) * unit;
    if (end >= begin) yield [begin, end];
    begin = Math.max(begin, end + 1);
  }
}

function stretchOf(totals: StepTotals): MetricsStretch {
  const { meanNorm } = totals;
  return {
    from: totals.first,
    to: totals.last,
    numSteps: totals.count,
    at: totals.lastAt,
    samples: totals.sum('samples'),
    loss: totals.mean('loss'),
    leastLoss: totals.leastLoss,
    greatestLoss: totals.greatestLoss,
    accuracy: totals.mean('accuracy'),
    learningRate: totals.mean('learningRate'),
    ...(meanNorm !== null && { gradientNorm: meanNorm }),
    durationMs: totals.mean('durationMs'),
    timings: {
      dataMs: totals.mean('dataMs'),
      computeMs: totals.mean('computeMs'),
      exchangeMs: totals.mean('exchangeMs'),
      updateMs: totals.mean('updateMs'),
    },
  };
}
