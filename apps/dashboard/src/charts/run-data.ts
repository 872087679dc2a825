import type { RunMetrics, RunView } from '#contracts';
import type { XAxis, XAxisContext, XRange } from './x-axis.js';

/** What every chart of a run is given. */
export interface RunChartProps {
  readonly metrics: RunMetrics;
  readonly context: XAxisContext;
  readonly emptyText: string;
  /** The part of the x axis in view; null: all of it. */
  readonly zoom: XRange | null;
  /** Told when a part was marked with the pointer, or null when all of it is wanted. */
  readonly onZoom: (range: XRange | null) => void;
}

/** Places a run's points on the chosen axis. */
export function contextOf(run: RunView, axis: XAxis): XAxisContext {
  const { totalSteps, epochs } = run.progress;
  return {
    axis,
    stepsPerEpoch: epochs > 0 && totalSteps > 0 ? totalSteps / epochs : 1,
    startedAt: run.startedAt ?? run.createdAt,
  };
}

/** The value in a column at the pointer, or the newest one: the last known at or before the row. */
export function valueAt(column: readonly (number | null)[] | undefined, index: number | null): number | null {
  if (column === undefined) return null;
  for (let row = Math.min(index ?? column.length - 1, column.length - 1); row >= 0; row -= 1) {
    const value = column[row];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
