import type { RunMetrics, RunView } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useMetricsQuery } from '../api/queries.js';
import { CurveChart } from '../charts/curve-chart.js';
import { contextOf } from '../charts/run-data.js';
import { StepSplitChart } from '../charts/step-split-chart.js';
import { ThroughputChart } from '../charts/throughput-chart.js';
import { parseXAxis, type XAxis } from '../charts/x-axis.js';
import { Segmented } from '../components/segmented.js';
import { isOver } from './run-states.js';

const AXES: readonly { value: XAxis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'time', label: 'Time' },
];
const NO_METRICS: RunMetrics = { steps: [], stretches: [], evaluations: [] };

/** The run's charts; how they are drawn is kept in the address, so a link shows the same. */
export function RunCharts({ run }: { readonly run: RunView }) {
  const [search, setSearch] = useSearchParams();
  const { data = NO_METRICS, error, isPending } = useQuery(useMetricsQuery(run.id));
  const axis = parseXAxis(search.get('x'));
  const isSmoothed = search.get('smooth') !== '0';
  const isLogarithmic = search.get('log') === '1';
  const { stepsPerEpoch, startedAt } = contextOf(run, axis);
  const context = useMemo(() => ({ axis, stepsPerEpoch, startedAt }), [axis, stepsPerEpoch, startedAt]);
  const set = (name: string, value: string | null): void =>
    setSearch(
      (previous) => {
        if (value === null) previous.delete(name);
        else previous.set(name, value);
        return previous;
      },
      { replace: true, preventScrollReset: true },
    );
  const shared = { metrics: data, context, emptyText: emptyText(run, isPending, error) };
  return (
    <section className="charts" aria-label="Charts">
      <div className="chart-controls">
        <Segmented
          label="X axis"
          value={axis}
          options={AXES}
          onChange={(value) => set('x', value === 'step' ? null : value)}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={isSmoothed}
            onChange={(event) => set('smooth', event.target.checked ? null : '0')}
          />
          Smooth
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={isLogarithmic}
            onChange={(event) => set('log', event.target.checked ? '1' : null)}
          />
          Log loss
        </label>
        <span className="hint">drag to zoom, double-click to reset</span>
      </div>
      <CurveChart {...shared} quantity="loss" isSmoothed={isSmoothed} isLogarithmic={isLogarithmic} />
      <CurveChart {...shared} quantity="accuracy" isSmoothed={isSmoothed} />
      <ThroughputChart {...shared} />
      <StepSplitChart {...shared} />
    </section>
  );
}

function emptyText(run: RunView, isPending: boolean, error: Error | null): string {
  if (error !== null) return 'The series could not be loaded; trying again.';
  if (isPending) return 'Loading…';
  return isOver(run.state) ? 'No step was committed.' : 'The first step is still to come.';
}
