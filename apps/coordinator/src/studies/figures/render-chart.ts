import type { Chart, ChartPanel, ChartPoint, ChartSeries } from './chart.js';
import { CHARACTER_WIDTH, escapeXml, wrapText } from './fit-text.js';
import { drawLegend, layLegend, LEGEND_LINE } from './legend.js';
import { linearScale, niceTicks, type Scale } from './scale.js';
import { curveClass, styleSheet, type FigureTheme } from './svg-style.js';

const PANEL_WIDTH = 400;
const PLOT_HEIGHT = 260;
const MAX_PANELS_A_ROW = 2;
/** Room for one line of the title above all panels, and one of the note below them. */
const HEAD = 34;
const FOOT = 26;
const LEFT = 52;
const RIGHT = 16;
/** Below a plot: tick labels and the axis' name. */
const BELOW = 44;
const TITLE_LINE = 18;
const NOTE_LINE = 16;
/** Up to so many places every one gets its tick. */
const MAX_OWN_TICKS = 8;

interface Axes {
  readonly x: { readonly ticks: readonly number[]; readonly domain: readonly [number, number] };
  readonly y: readonly number[];
}

/** Draws a chart as SVG: one file that needs no script, no font and no other file. Pure. */
export function renderChart(chart: Chart, theme: FigureTheme): string {
  const legends = chart.panels.map((panel) => layLegend(panel, LEFT, PANEL_WIDTH - RIGHT));
  const legendLines = Math.max(0, ...legends.map((items) => (items.at(-1)?.line ?? -1) + 1));
  const top = 20 + legendLines * LEGEND_LINE;
  const panelHeight = top + PLOT_HEIGHT + BELOW;
  const columns = Math.max(1, Math.min(MAX_PANELS_A_ROW, chart.panels.length));
  const width = columns * PANEL_WIDTH;
  const room = width - LEFT - RIGHT;
  const titleLines = wrapText(chart.title, room, CHARACTER_WIDTH.title);
  const noteLines = wrapText(chart.note, room, CHARACTER_WIDTH.text);
  const head = HEAD + (titleLines.length - 1) * TITLE_LINE;
  const foot = FOOT + (noteLines.length - 1) * NOTE_LINE;
  const height = head + Math.ceil(chart.panels.length / columns) * panelHeight + foot;
  const axes = sharedAxes(chart);
  const panels = chart.panels.map((panel, index) => {
    const x = (index % columns) * PANEL_WIDTH;
    const y = head + Math.floor(index / columns) * panelHeight;
    const parts = [...drawLegend(legends[index] ?? [], PANEL_WIDTH - RIGHT), ...drawPlot(chart, panel, axes, top)];
    const title = panel.title === '' ? '' : `<text class="panel" x="${LEFT}" y="14">${escapeXml(panel.title)}</text>`;
    return `<g transform="translate(${x} ${y})">${title}${parts.join('')}</g>`;
  });
  const title = escapeXml(chart.title);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${title}</title><style>${styleSheet(theme)}</style>`,
    `<rect class="surface" width="${width}" height="${height}" rx="8"/>`,
    ...titleLines.map((line, index) => drawLine('title', 24 + index * TITLE_LINE, line)),
    ...panels,
    ...noteLines.map((line, index) =>
      drawLine('muted', height - 10 - (noteLines.length - 1 - index) * NOTE_LINE, line),
    ),
    '</svg>\n',
  ].join('\n');
}

function drawLine(style: string, y: number, text: string): string {
  return `<text class="${style}" x="${LEFT}" y="${y}">${escapeXml(text)}</text>`;
}

/** All panels have the same axes, so that they can be compared. */
function sharedAxes({ panels, hasMarks }: Chart): Axes {
  const points = panels.flatMap(({ series }) => series.flatMap((one) => one.points));
  const top = Math.min(1, Math.max(0.01, ...points.map(({ y, std }) => y + (std ?? 0))));
  const y = niceTicks(top, 5);
  const places = [...new Set(points.map((point) => point.x))].sort((left, right) => left - right);
  if (!hasMarks) {
    const end = Math.max(1, places.at(-1) ?? 1);
    return { x: { ticks: niceTicks(end, 5).filter((tick) => tick <= end), domain: [0, end] }, y };
  }
  const [low, high] = [places[0] ?? 0, places.at(-1) ?? 1];
  const margin = (high - low || 1) * 0.12;
  const ticks =
    places.length <= MAX_OWN_TICKS ? places : niceTicks(high, 5).filter((tick) => tick >= low && tick <= high);
  return { x: { ticks, domain: [low - margin, high + margin] }, y };
}

function drawPlot(chart: Chart, panel: ChartPanel, axes: Axes, top: number): string[] {
  const bottom = top + PLOT_HEIGHT;
  const right = PANEL_WIDTH - RIGHT;
  const x = linearScale(axes.x.domain, [LEFT, right]);
  const y = linearScale([0, axes.y.at(-1) ?? 1], [bottom, top]);
  const grid = axes.y.map(
    (tick) =>
      `<path class="grid" d="M${LEFT} ${at(y(tick))}H${right}"/>` +
      `<text class="muted end" x="${LEFT - 7}" y="${at(y(tick) + 4)}">${round(tick * 100)}</text>`,
  );
  const xTicks = axes.x.ticks.map(
    (tick) => `<text class="muted middle" x="${at(x(tick))}" y="${bottom + 17}">${tickText(tick)}</text>`,
  );
  const middle = (top + bottom) / 2;
  return [
    ...grid,
    ...xTicks,
    `<text class="muted middle" x="${(LEFT + right) / 2}" y="${bottom + 35}">${escapeXml(chart.xLabel)}</text>`,
    `<text class="muted middle" transform="translate(14 ${middle}) rotate(-90)">${escapeXml(chart.yLabel)}</text>`,
    ...panel.series.map((series) => drawDeviation(series, x, y, chart.hasMarks)),
    ...panel.series.map((series) => drawCurve(series, x, y, chart.hasMarks)),
  ];
}

function drawCurve(
  { points, colour, line, label, quantity }: ChartSeries,
  x: Scale,
  y: Scale,
  hasMarks: boolean,
): string {
  if (points.length === 0) return '';
  const path = points.map((point) => `${at(x(point.x))} ${at(y(point.y))}`).join('L');
  const name = `<title>${escapeXml(`${label}, ${quantity}`)}</title>`;
  const curve = `<path class="curve ${line} ${curveClass(colour)}" d="M${path}">${name}</path>`;
  if (!hasMarks) return curve;
  const radius = line === 'bold' ? 4 : 2.8;
  return (
    curve +
    points
      .map(
        (point) =>
          `<circle class="mark ${curveClass(colour)}" cx="${at(x(point.x))}" cy="${at(y(point.y))}" r="${radius}"/>`,
      )
      .join('')
  );
}

/** Mean ± std over the seeds. */
function drawDeviation({ points, colour }: ChartSeries, x: Scale, y: Scale, hasMarks: boolean): string {
  const spread = points.filter((point): point is ChartPoint & { std: number } => point.std !== null);
  const low = (point: { y: number; std: number }): number => y(Math.max(0, point.y - point.std));
  const high = (point: { y: number; std: number }): number => y(Math.min(1, point.y + point.std));
  if (hasMarks) {
    return spread
      .map((point) => {
        const place = x(point.x);
        const [from, to] = [at(low(point)), at(high(point))];
        return `<path class="bar ${curveClass(colour)}" d="M${at(place)} ${from}V${to}M${at(place - 4)} ${from}h8M${at(place - 4)} ${to}h8"/>`;
      })
      .join('');
  }
  if (spread.length < 2) return '';
  const upper = spread.map((point) => `${at(x(point.x))} ${at(high(point))}`);
  const lower = spread.map((point) => `${at(x(point.x))} ${at(low(point))}`).toReversed();
  return `<path class="band ${curveClass(colour)}" d="M${[...upper, ...lower].join('L')}Z"/>`;
}

function tickText(value: number): string {
  return value >= 10_000 ? `${round(value / 1000)}k` : String(round(value));
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}

/** A tenth of a pixel is enough. */
function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
