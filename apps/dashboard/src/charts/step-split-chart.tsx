import { useMemo, useState } from 'react';
import { formatCount, formatMilliseconds, UNKNOWN } from '../format/format.js';
import { ChartPanel } from './chart-panel.js';
import { Plot, type PlotSeries } from './plot.js';
import { type RunChartProps, valueAt } from './run-data.js';
import { buildStepSplit, recentSplit, STEP_PARTS } from './step-times.js';
import { stretchesOf } from './stretches.js';
import { describeX } from './x-axis.js';

const FROM_TOP = STEP_PARTS.toReversed();
const SERIES: readonly PlotSeries[] = FROM_TOP.map((part) => ({ colour: `--part-${part}`, width: 0, fill: 1 }));

/** Where a step's time goes: data, compute, exchange (with waiting for others) and update, stacked. */
export function StepSplitChart({ metrics, context, emptyText, ...zooming }: RunChartProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const stretches = useMemo(() => stretchesOf(metrics), [metrics]);
  const data = useMemo(() => buildStepSplit(stretches, context), [stretches, context]);
  const recent = useMemo(() => recentSplit(stretches), [stretches]);
  const x = valueAt(data[0], cursor);
  const partAt = (index: number): number | null => {
    const top = valueAt(data[FROM_TOP.length - index], cursor);
    return top === null ? null : top - (index === 0 ? 0 : (valueAt(data[FROM_TOP.length - index + 1], cursor) ?? 0));
  };
  const legend = STEP_PARTS.map((part, index) => {
    const value = cursor === null ? (recent?.parts[part] ?? null) : partAt(index);
    return { label: part, colour: `--part-${part}`, value: value === null ? UNKNOWN : formatMilliseconds(value) };
  });
  return (
    <ChartPanel
      title="Step time"
      place={placeWords(recent?.numSteps ?? 0, cursor === null || x === null ? null : describeX(context.axis, x))}
      xAxis={context.axis}
      isEmpty={data[0].length === 0}
      emptyText={emptyText}
      legend={legend}
    >
      <Plot
        data={data}
        series={SERIES}
        axis={context.axis}
        formatY={(value) => (value >= 1000 ? `${value / 1000} s` : `${value} ms`)}
        rangeY={(_min, max) => [0, max > 0 ? max * 1.1 : 1]}
        onCursor={setCursor}
        {...zooming}
      />
    </ChartPanel>
  );
}

function placeWords(numRecent: number, pointed: string | null): string {
  return pointed ?? (numRecent === 1 ? 'the last step' : `mean of the last ${formatCount(numRecent)} steps`);
}
