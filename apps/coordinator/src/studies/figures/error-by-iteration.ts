import { meanOf } from '../mean.js';
import type { Chart, ChartPoint, ChartSeries } from './chart.js';
import { byLabels, legendText, type FigureInput, type FigureTrial } from './figure-input.js';

/** Training and validation error against iterations, as in the paper's Figures 1, 4 and 6. */
export function errorByIteration({ spec, trials }: FigureInput): Chart {
  const [first, ...others] = spec.axes;
  const hasPanels = others.length > 0;
  const curveAxes = hasPanels ? others : spec.axes;
  const curvesOf = ({ labels }: FigureTrial): readonly string[] => (hasPanels ? labels.slice(1) : labels);
  // Colours are those of the whole grid: the same depth has the same colour in every panel.
  const colours = byLabels(trials, curvesOf).map(({ labels }) => JSON.stringify(labels));
  const seriesOf = (some: readonly FigureTrial[]): ChartSeries[] =>
    byLabels(some, curvesOf).flatMap((group): ChartSeries[] => {
      const label = legendText(curveAxes, group.labels);
      const colour = colours.indexOf(JSON.stringify(group.labels));
      return [
        { label, quantity: 'training error', colour, line: 'thin', points: overSeeds(group.trials, 'train') },
        { label, quantity: 'validation error', colour, line: 'bold', points: overSeeds(group.trials, 'validation') },
      ];
    });
  const panels = hasPanels
    ? byLabels(trials, ({ labels }) => labels.slice(0, 1)).map((group) => ({
        title: legendText(spec.axes, group.labels),
        series: seriesOf(group.trials),
      }))
    : [{ title: '', series: seriesOf(trials) }];
  return {
    title: `${spec.name}: error by iteration`,
    note: note(spec.seeds.length),
    xLabel: 'iterations',
    yLabel: 'error (%)',
    hasMarks: false,
    panels: panels.length > 0 ? panels : [{ title: first?.name ?? '', series: [] }],
  };
}

/** Says what the lines and their shades mean. */
export function note(numSeeds: number): string {
  const lines = 'thin: training error, bold: validation error';
  return numSeeds > 1 ? `${lines}; mean ± std over ${numSeeds} seeds` : lines;
}

/** The mean at every step at which any of them has a value: seeds train on the same steps. */
function overSeeds(trials: readonly FigureTrial[], split: 'train' | 'validation'): ChartPoint[] {
  const byStep = new Map<number, number[]>();
  for (const { curves } of trials) {
    for (const { step, error } of curves[split]) byStep.set(step, [...(byStep.get(step) ?? []), error]);
  }
  return [...byStep]
    .sort(([left], [right]) => left - right)
    .flatMap(([x, errors]) => {
      const mean = meanOf(errors);
      return mean === null ? [] : [{ x, y: mean.mean, std: mean.std }];
    });
}
