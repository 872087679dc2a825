import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Chart, ChartPanel, ChartPoint, ChartSeries } from './chart.js';
import { escapeXml } from './fit-text.js';
import { curveClass } from './svg-style.js';

/** Where a plot lies in its panel, in pixels. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The scales of all panels, which are the same so that they can be compared, and the ticks of x. */
export interface Axes {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly xTicks: readonly number[];
}

const NUM_TICKS = 5;
/** Up to so many places every one gets its tick. */
const MAX_OWN_TICKS = 8;
/** A tenth of a pixel is enough. */
const DIGITS = 1;

export function axesOf({ panels, hasMarks }: Chart, { left, right, top, bottom }: PlotArea): Axes {
  const points = panels.flatMap(({ series }) => series.flatMap((one) => one.points));
  const greatest = Math.min(1, Math.max(0.01, ...points.map(({ y, std }) => y + (std ?? 0))));
  const y = scaleLinear([0, greatest], [bottom, top]).nice(NUM_TICKS);
  const places = [...new Set(points.map((point) => point.x))].sort((one, other) => one - other);
  if (!hasMarks) {
    const x = scaleLinear([0, Math.max(1, places.at(-1) ?? 1)], [left, right]);
    return { x, y, xTicks: x.ticks(NUM_TICKS) };
  }
  const [low, high] = [places[0] ?? 0, places.at(-1) ?? 1];
  const margin = (high - low || 1) * 0.12;
  const x = scaleLinear([low - margin, high + margin], [left, right]);
  const isWithin = (tick: number): boolean => tick >= low && tick <= high;
  return { x, y, xTicks: places.length <= MAX_OWN_TICKS ? places : x.ticks(NUM_TICKS).filter(isWithin) };
}

export function drawPlot(chart: Chart, panel: ChartPanel, axes: Axes, plot: PlotArea): string[] {
  const { left, right, top, bottom } = plot;
  const grid = axes.y.ticks(NUM_TICKS).map((tick) => {
    const place = axes.y(tick);
    return (
      `<path class="grid" d="M${left} ${at(place)}H${right}"/>` +
      `<text class="muted end" x="${left - 7}" y="${at(place + 4)}">${round(tick * 100)}</text>`
    );
  });
  const xTicks = axes.xTicks.map(
    (tick) => `<text class="muted middle" x="${at(axes.x(tick))}" y="${bottom + 17}">${tickText(tick)}</text>`,
  );
  return [
    ...grid,
    ...xTicks,
    `<text class="muted middle" x="${(left + right) / 2}" y="${bottom + 35}">${escapeXml(chart.xLabel)}</text>`,
    `<text class="muted middle" transform="translate(14 ${(top + bottom) / 2}) rotate(-90)">${escapeXml(chart.yLabel)}</text>`,
    ...panel.series.map((series) => (chart.hasMarks ? drawBars(series, axes) : drawBand(series, axes))),
    ...panel.series.map((series) => drawCurve(series, axes, chart.hasMarks)),
  ];
}

function drawCurve(
  { points, colour, line: width, label, quantity }: ChartSeries,
  axes: Axes,
  hasMarks: boolean,
): string {
  const path = line<ChartPoint>(
    (point) => axes.x(point.x),
    (point) => axes.y(point.y),
  ).digits(DIGITS)(points);
  if (path === null) return '';
  const name = `<title>${escapeXml(`${label}, ${quantity}`)}</title>`;
  const curve = `<path class="curve ${width} ${curveClass(colour)}" d="${path}">${name}</path>`;
  if (!hasMarks) return curve;
  const radius = width === 'bold' ? 4 : 2.8;
  const marks = points.map(
    ({ x, y }) =>
      `<circle class="mark ${curveClass(colour)}" cx="${at(axes.x(x))}" cy="${at(axes.y(y))}" r="${radius}"/>`,
  );
  return curve + marks.join('');
}

/** The mean and a deviation around it, as shares. */
interface Spread {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

function spreadOf(points: readonly ChartPoint[]): Spread[] {
  return points.flatMap(({ x, y, std }) =>
    std === null ? [] : [{ x, low: Math.max(0, y - std), high: Math.min(1, y + std) }],
  );
}

function drawBars({ points, colour }: ChartSeries, { x, y }: Axes): string {
  const bars = spreadOf(points).map((spread) => {
    const place = x(spread.x);
    const [low, high] = [at(y(spread.low)), at(y(spread.high))];
    return `<path class="bar ${curveClass(colour)}" d="M${at(place)} ${low}V${high}M${at(place - 4)} ${low}h8M${at(place - 4)} ${high}h8"/>`;
  });
  return bars.join('');
}

function drawBand({ points, colour }: ChartSeries, { x, y }: Axes): string {
  const spread = spreadOf(points);
  if (spread.length < 2) return '';
  const band = area<Spread>()
    .x((one) => x(one.x))
    .y0((one) => y(one.low))
    .y1((one) => y(one.high))
    .digits(DIGITS);
  return `<path class="band ${curveClass(colour)}" d="${band(spread) ?? ''}"/>`;
}

function tickText(value: number): string {
  return value >= 10_000 ? `${round(value / 1000)}k` : String(round(value));
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
