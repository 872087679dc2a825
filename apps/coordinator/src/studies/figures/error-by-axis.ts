import type { StudySpec } from '#contracts';
import { meanOf } from '../mean.js';
import type { Chart, ChartPoint, ChartSeries } from './chart.js';
import { note } from './error-by-iteration.js';
import { byLabels, legendText, type FigureInput, type FigureTrial } from './figure-input.js';

/** Axes along which there is something to draw: at least two values, all of them numbers. */
export function numericAxes({ axes }: StudySpec): string[] {
  return axes
    .filter(({ values }) => values.length > 1 && values.every(({ label }) => !Number.isNaN(Number(label))))
    .map(({ name }) => name);
}

/** Final error against the numbers of one axis, such as depth; one curve for each combination of the other axes. */
export function errorByAxis({ spec, trials }: FigureInput, axis: string): Chart {
  const index = spec.axes.findIndex(({ name }) => name === axis);
  const others = spec.axes.filter(({ name }) => name !== axis);
  const finished = trials.filter(({ isFinished }) => isFinished);
  const groups = byLabels(finished, ({ labels }) => labels.toSpliced(index, 1));
  const series = groups.flatMap((group, colour): ChartSeries[] => {
    const label = others.length === 0 ? spec.name : legendText(others, group.labels);
    return [
      { label, quantity: 'training error', colour, line: 'thin', points: pointsOf(group.trials, index, 'trainError') },
      {
        label,
        quantity: 'validation error',
        colour,
        line: 'bold',
        points: pointsOf(group.trials, index, 'validationError'),
      },
    ];
  });
  return {
    title: `${spec.name}: error by ${axis}`,
    note: note(spec.seeds.length),
    xLabel: axis,
    yLabel: 'error at the end (%)',
    hasMarks: true,
    panels: [{ title: '', series }],
  };
}

function pointsOf(trials: readonly FigureTrial[], index: number, of: 'trainError' | 'validationError'): ChartPoint[] {
  return byLabels(trials, ({ labels }) => [labels[index] ?? ''])
    .flatMap((group) => {
      const mean = meanOf(group.trials.flatMap(({ errors }) => errors[of] ?? []));
      return mean === null ? [] : [{ x: Number(group.labels[0]), y: mean.mean, std: mean.std }];
    })
    .sort((left, right) => left.x - right.x);
}
