import type { Chart } from './chart.js';
import { axesOf, drawPlot } from './draw-plot.js';
import { CHARACTER_WIDTH, escapeXml, wrapText } from './fit-text.js';
import { drawLegend, layLegend, LEGEND_LINE } from './legend.js';
import { styleSheet, type FigureTheme } from './svg-style.js';

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
  const plot = { left: LEFT, right: PANEL_WIDTH - RIGHT, top, bottom: top + PLOT_HEIGHT };
  const axes = axesOf(chart, plot);
  const panels = chart.panels.map((panel, index) => {
    const x = (index % columns) * PANEL_WIDTH;
    const y = head + Math.floor(index / columns) * panelHeight;
    const parts = [...drawLegend(legends[index] ?? [], PANEL_WIDTH - RIGHT), ...drawPlot(chart, panel, axes, plot)];
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
