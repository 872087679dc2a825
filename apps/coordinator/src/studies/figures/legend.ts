import type { ChartPanel } from './chart.js';
import { CHARACTER_WIDTH, escapeXml, shortenText } from './fit-text.js';
import { curveClass } from './svg-style.js';

/** Height of a line of the legend. */
export const LEGEND_LINE = 17;
/** The line of a colour and the room after its label. */
const SWATCH = 23;
const GAP = 11;
const FIRST_LINE = 28;

export interface LegendItem {
  readonly label: string;
  readonly colour: number;
  readonly x: number;
  readonly line: number;
}

/** One entry a colour, between `left` and `right`, going to the next line where there is no room. */
export function layLegend({ series }: ChartPanel, left: number, right: number): LegendItem[] {
  const items: LegendItem[] = [];
  let x = left;
  let line = 0;
  for (const { label, colour } of series) {
    if (items.some((item) => item.colour === colour)) continue;
    const width = SWATCH + GAP + label.length * CHARACTER_WIDTH.text;
    if (x > left && x + width > right) {
      x = left;
      line += 1;
    }
    items.push({ label, colour, x, line });
    x += width;
  }
  return items;
}

/** A label that is wider than the panel is cut; pointing at it shows it in full. */
export function drawLegend(items: readonly LegendItem[], right: number): string[] {
  return items.map(({ label, colour, x, line }) => {
    const y = FIRST_LINE + line * LEGEND_LINE;
    const at = String(Math.round(x * 10) / 10);
    const swatch = `<path class="curve bold ${curveClass(colour)}" d="M${at} ${y - 4}h18"/>`;
    const shown = shortenText(label, right - x - SWATCH, CHARACTER_WIDTH.text);
    const inFull = shown === label ? '' : `<title>${escapeXml(label)}</title>`;
    const place = String(Math.round((x + SWATCH) * 10) / 10);
    return `${swatch}<text x="${place}" y="${y}">${inFull}${escapeXml(shown)}</text>`;
  });
}
