import type { RunMetrics, RunView } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { metricsRangeQuery, useMetricsQuery } from '../api/queries.js';
import { CurveChart } from '../charts/curve-chart.js';
import { contextOf } from '../charts/run-data.js';
import { parseStepRange, type StepRange, stepsIn, xRangeOf } from '../charts/step-range.js';
import { StepRangeForm } from '../charts/step-range-form.js';
import { StepSplitChart } from '../charts/step-split-chart.js';
import { ThroughputChart } from '../charts/throughput-chart.js';
import { parseXAxis, type XAxis, type XRange } from '../charts/x-axis.js';
import { Segmented } from '../components/segmented.js';
import { isOver } from './run-states.js';

const AXES: readonly { value: XAxis; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'time', label: 'Time' },
];
/** Of a query that is not asked. */
const EVERY_STEP: StepRange = { from: 1, to: 2 };
const NO_METRICS: RunMetrics = { steps: [], stretches: [], evaluations: [] };

/** The run's charts; how they are drawn is kept in the address, so a link shows the same. */
export function RunCharts({ run }: { readonly run: RunView }) {
  const [search, setSearch] = useSearchParams();
  const range = parseStepRange(search.get('from'), search.get('to'));
  const { metrics, error, isPending } = useMetrics(run, range);
  const axis = parseXAxis(search.get('x'));
  const isSmoothed = search.get('smooth') !== '0';
  const isLogarithmic = search.get('log') === '1';
  const { stepsPerEpoch, startedAt } = contextOf(run, axis);
  const context = useMemo(() => ({ axis, stepsPerEpoch, startedAt }), [axis, stepsPerEpoch, startedAt]);
  const set = (values: Readonly<Record<string, string | null>>, replace = true): void =>
    setSearch((previous) => withValues(previous, values), { replace, preventScrollReset: true });
  // A step back in the browser's history shows what was in view before.
  const show = (next: StepRange | null): void =>
    set({ from: next === null ? null : String(next.from), to: next === null ? null : String(next.to) }, false);
  const shared = {
    metrics,
    context,
    emptyText: emptyText(run, isPending, error),
    zoom: range === null ? null : xRangeOf(range, metrics.steps, context),
    onZoom: (marked: XRange | null) => {
      const next = marked === null ? null : stepsIn(marked, metrics.steps, context);
      if (marked === null || next !== null) show(next);
    },
  };
  return (
    <section className="charts" aria-label="Charts">
      <div className="chart-controls">
        <Segmented
          label="X axis"
          value={axis}
          options={AXES}
          onChange={(value) => set({ x: value === 'step' ? null : value })}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={isSmoothed}
            onChange={(event) => set({ smooth: event.target.checked ? null : '0' })}
          />
          Smooth
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={isLogarithmic}
            onChange={(event) => set({ log: event.target.checked ? '1' : null })}
          />
          Log loss
        </label>
        <StepRangeForm key={`${range?.from} ${range?.to}`} range={range} lastStep={run.progress.step} onRange={show} />
      </div>
      <CurveChart {...shared} quantity="loss" isSmoothed={isSmoothed} isLogarithmic={isLogarithmic} />
      <CurveChart {...shared} quantity="accuracy" isSmoothed={isSmoothed} />
      <ThroughputChart {...shared} />
      <StepSplitChart {...shared} />
    </section>
  );
}

/** The whole series, or the range in view once it is there. */
function useMetrics(run: RunView, range: StepRange | null) {
  const whole = useQuery(useMetricsQuery(run.id));
  const isGrowing = range !== null && run.progress.step < range.to && !isOver(run.state);
  const part = useQuery({ ...metricsRangeQuery(run.id, range ?? EVERY_STEP, isGrowing), enabled: range !== null });
  const { error, isPending } = range === null ? whole : part;
  return { metrics: (range === null ? undefined : part.data) ?? whole.data ?? NO_METRICS, error, isPending };
}

function withValues(search: URLSearchParams, values: Readonly<Record<string, string | null>>): URLSearchParams {
  for (const [name, value] of Object.entries(values)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  return search;
}

function emptyText(run: RunView, isPending: boolean, error: Error | null): string {
  if (error !== null) return 'The series could not be loaded; trying again.';
  if (isPending) return 'Loading…';
  return isOver(run.state) ? 'No step was committed.' : 'The first step is still to come.';
}
