import { useMemo, useState } from 'react';
import { formatLoss, formatPercent } from '../format/format.js';
import { ChartPanel } from './chart-panel.js';
import { buildCurves } from './curves.js';
import { Plot, type PlotSeries } from './plot.js';
import { type RunChartProps, valueAt } from './run-data.js';
import { describeX } from './x-axis.js';

export interface CurveChartProps extends RunChartProps {
  readonly quantity: 'loss' | 'accuracy';
  readonly isSmoothed: boolean;
  readonly isLogarithmic?: boolean;
}

const SERIES: readonly PlotSeries[] = [
  { colour: '--train', width: 1, opacity: 0.32 },
  { colour: '--train', width: 2 },
  { colour: '--validation', width: 2, hasPoints: true },
];

/** Loss or accuracy: training and validation in one chart. */
export function CurveChart(props: CurveChartProps) {
  const { metrics, context, quantity, isSmoothed, isLogarithmic = false, emptyText, zoom, onZoom } = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const data = useMemo(
    () => buildCurves({ metrics, quantity, context, isSmoothed }),
    [metrics, quantity, context, isSmoothed],
  );
  const isLoss = quantity === 'loss';
  const format = isLoss ? formatLoss : formatPercent;
  const x = valueAt(data[0], cursor);
  return (
    <ChartPanel
      title={isLoss ? 'Loss' : 'Accuracy'}
      place={x === null ? '' : describeX(context.axis, x)}
      xAxis={context.axis}
      isEmpty={data[0].length === 0}
      emptyText={emptyText}
      legend={[
        { label: 'train', colour: '--train', value: format(valueAt(data[2], cursor)) },
        { label: 'validation', colour: '--validation', value: format(valueAt(data[3], cursor)) },
      ]}
    >
      <Plot
        key={String(isLogarithmic)}
        data={data}
        series={SERIES}
        axis={context.axis}
        formatY={isLoss ? String : (value) => `${Math.round(value * 100)} %`}
        rangeY={isLoss ? (isLogarithmic ? rangeLogLoss : rangeLoss) : rangeAccuracy}
        isLogarithmic={isLogarithmic}
        onCursor={setCursor}
        zoom={zoom}
        onZoom={onZoom}
      />
    </ChartPanel>
  );
}

/** From 0, unless that would press the curve into the upper half. */
function rangeLoss(min: number, max: number): [number, number] {
  if (!(max > 0)) return [0, 1];
  const margin = Math.max((max - min) * 0.08, max * 0.01);
  return [min > max / 2 ? min - margin : 0, max + margin];
}

function rangeLogLoss(min: number, max: number): [number, number] {
  const floor = min > 0 ? min : 1e-4;
  return [floor / 1.2, Math.max(max, floor) * 1.2];
}

/** Always from 0 to a round share above the best, so that a small net does not look like a good one. */
function rangeAccuracy(_min: number, max: number): [number, number] {
  return [0, max > 0.6 ? 1 : Math.max(0.1, Math.ceil(max * 12) / 10)];
}
