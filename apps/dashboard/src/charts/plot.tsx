import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { subscribeToTheme } from '../shell/theme.js';
import { token } from './colour.js';
import { formatTick, tickDistances, type XAxis, type XRange } from './x-axis.js';

/** One drawn column. */
export interface PlotSeries {
  /** Name of the CSS variable that holds its colour. */
  readonly colour: string;
  readonly width: number;
  readonly opacity?: number;
  /** Opacity of the area below. */
  readonly fill?: number;
  readonly hasPoints?: boolean;
}

export interface PlotProps {
  readonly data: readonly [readonly number[], ...(readonly (number | null)[])[]];
  readonly series: readonly PlotSeries[];
  readonly axis: XAxis;
  readonly formatY: (value: number) => string;
  /** The range of y for the smallest and largest value in view. */
  readonly rangeY: (min: number, max: number) => [number, number];
  readonly isLogarithmic?: boolean;
  /** Row below the pointer; null when it has left. */
  readonly onCursor: (index: number | null) => void;
  /** The part of the x axis in view; null: all of it. */
  readonly zoom: XRange | null;
  /** Told when a part was marked with the pointer, or null after a double click. */
  readonly onZoom: (range: XRange | null) => void;
}

const PLOT_HEIGHT = 232;
const CURSOR_GROUP = 'run';

/**
 * A uPlot chart that lives as long as its component: new data, another x axis, theme or size never rebuild it, so that
 * the pointer survives updates. Only `isLogarithmic` and `series` are fixed; give another key.
 */
export function Plot(props: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const created = new uPlot(
      plotOptions(element.clientWidth, latest),
      latest.current.data as uPlot.AlignedData,
      element,
    );
    plot.current = created;
    const resizing = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (width > 0 && width !== created.width) created.setSize({ width, height: PLOT_HEIGHT });
    });
    resizing.observe(element);
    const unsubscribe = subscribeToTheme(() => created.redraw(false, true));
    return () => {
      unsubscribe();
      resizing.disconnect();
      created.destroy();
      plot.current = null;
    };
  }, []);

  const { data, zoom } = props;
  const [min, max] = [zoom?.min ?? null, zoom?.max ?? null];
  useEffect(() => {
    const current = plot.current;
    if (current === null) return;
    const isWhole = min === null || max === null;
    current.setData(data as uPlot.AlignedData, isWhole);
    if (!isWhole) current.setScale('x', { min, max });
  }, [data, min, max, props.axis]);

  return <div ref={host} className="plot" style={{ height: PLOT_HEIGHT }} />;
}

function plotOptions(width: number, latest: { readonly current: PlotProps }): uPlot.Options {
  const { series, isLogarithmic = false } = latest.current;
  const axisStyle = {
    stroke: () => token('--ink-3'),
    font: `11px ${token('--font')}`,
    grid: { stroke: () => token('--grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: PLOT_HEIGHT,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: {
      // The others follow the pointer, but not what is marked with it: the one that is marked tells it once.
      sync: { key: CURSOR_GROUP, filters: { pub: (type) => type !== 'mousedown' && type !== 'mouseup' } },
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          latest.current.onZoom(null);
          return null;
        },
      },
    },
    scales: {
      x: { time: false },
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- a const enum of a declaration file has no value
      y: { distr: isLogarithmic ? 3 : 1, range: (_plot, min, max) => latest.current.rangeY(min ?? 0, max ?? 1) },
    },
    axes: [
      {
        ...axisStyle,
        size: 28,
        grid: { show: false },
        incrs: () => tickDistances(latest.current.axis),
        values: (_plot, splits) => splits.map((value) => formatTick(latest.current.axis, value)),
      },
      {
        ...axisStyle,
        size: 54,
        values: (_plot, splits) => splits.map((value) => (value === null ? '' : latest.current.formatY(value))),
      },
    ],
    series: [{}, ...series.map(seriesOptions)],
    hooks: {
      setCursor: [(plot) => latest.current.onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => tellMarked(plot, latest.current.onZoom)],
    },
  };
}

function tellMarked(plot: uPlot, tell: PlotProps['onZoom']): void {
  const { left, width } = plot.select;
  if (width === 0) return;
  const range = { min: plot.posToVal(left, 'x'), max: plot.posToVal(left + width, 'x') };
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  tell(range);
}

function seriesOptions(series: PlotSeries): uPlot.Series {
  const colour = (opacity: number) => () => token(series.colour, opacity);
  return {
    stroke: colour(series.opacity ?? 1),
    width: series.width,
    spanGaps: true,
    points: series.hasPoints === true ? { show: true, size: 6, fill: colour(1), stroke: colour(1) } : { show: false },
    ...(series.fill === undefined ? {} : { fill: colour(series.fill) }),
  };
}
