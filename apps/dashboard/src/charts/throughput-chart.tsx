import { useMemo, useState } from 'react';
import { formatRate } from '../format/format.js';
import { ChartPanel } from './chart-panel.js';
import { Plot, type PlotSeries } from './plot.js';
import { type RunChartProps, valueAt } from './run-data.js';
import { buildThroughput } from './step-times.js';
import { stretchesOf } from './stretches.js';
import { describeX } from './x-axis.js';

const SERIES: readonly PlotSeries[] = [{ colour: '--throughput', width: 2, fill: 0.14 }];

/** Images per second over all lanes. */
export function ThroughputChart({ metrics, context, emptyText, ...zooming }: RunChartProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const data = useMemo(() => buildThroughput(stretchesOf(metrics), context), [metrics, context]);
  const x = valueAt(data[0], cursor);
  return (
    <ChartPanel
      title="Throughput"
      place={x === null ? '' : describeX(context.axis, x)}
      xAxis={context.axis}
      isEmpty={data[0].length === 0}
      emptyText={emptyText}
      legend={[{ label: 'images/s', colour: '--throughput', value: formatRate(valueAt(data[1], cursor)) }]}
    >
      <Plot
        data={data}
        series={SERIES}
        axis={context.axis}
        formatY={(value) => value.toLocaleString('en-US')}
        rangeY={(_min, max) => [0, max > 0 ? max * 1.1 : 1]}
        onCursor={setCursor}
        {...zooming}
      />
    </ChartPanel>
  );
}
