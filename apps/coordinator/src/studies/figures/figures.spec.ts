import { describe, expect, it } from '@jest/globals';
import { studySpecSchema } from '#contracts';
import type { FigureInput, FigureTrial } from './figure-input.js';
import { CHARACTER_WIDTH } from './fit-text.js';
import { figureNames, figureOf } from './figure-table.js';
import { renderChart } from './render-chart.js';

const spec = studySpecSchema.parse({
  name: 'depth',
  base: {},
  axes: [
    { name: 'network', values: ['plain', 'residual'] },
    { name: 'depth', values: [20, 56] },
  ],
  seeds: [1, 2],
});

function trial(network: string, depth: string, error: number, isFinished = true): FigureTrial {
  return {
    labels: [network, depth],
    isFinished,
    errors: { trainError: error, validationError: error + 0.1, bestValidationError: error },
    curves: {
      train: [
        { step: 5, error: 0.9 },
        { step: 10, error },
      ],
      validation: [{ step: 10, error: error + 0.1 }],
    },
  };
}

const input: FigureInput = {
  spec,
  trials: [
    trial('plain', '20', 0.2),
    trial('plain', '20', 0.4),
    trial('plain', '56', 0.6),
    trial('residual', '56', 0.1),
    trial('residual', '20', 0.2, false),
  ],
};

describe('figures', () => {
  it('are one by iteration, and one for every axis of numbers', () => {
    expect(figureNames(spec)).toEqual(['error-by-iteration', 'error-by-depth']);
    expect(figureOf('error-by-network', input)).toBeUndefined();
  });

  it('by iteration: a panel for each value of the first axis, the same colour for the same depth, means over seeds', () => {
    const chart = figureOf('error-by-iteration', input);
    expect(chart?.panels.map(({ title }) => title)).toEqual(['plain', 'residual']);
    const [plain, residual] = chart?.panels ?? [];
    expect(plain?.series.map(({ label, line, colour }) => [label, line, colour])).toEqual([
      ['depth 20', 'thin', 0],
      ['depth 20', 'bold', 0],
      ['depth 56', 'thin', 1],
      ['depth 56', 'bold', 1],
    ]);
    expect(residual?.series.map(({ label, colour }) => [label, colour])).toContainEqual(['depth 56', 1]);
    expect(plain?.series[0]?.points[1]).toMatchObject({
      x: 10,
      y: expect.closeTo(0.3),
      std: expect.closeTo(0.1414, 3),
    });
  });

  it('by depth: a curve for each network, of finished runs only', () => {
    const chart = figureOf('error-by-depth', input);
    const [panel] = chart?.panels ?? [];
    expect(panel?.series.map(({ label, line, points }) => [label, line, points.map(({ x }) => x)])).toEqual([
      ['plain', 'thin', [20, 56]],
      ['plain', 'bold', [20, 56]],
      ['residual', 'thin', [56]],
      ['residual', 'bold', [56]],
    ]);
  });
});

describe('renderChart', () => {
  const chart = figureOf('error-by-iteration', input);
  if (chart === undefined) throw new Error('no chart');

  it('draws in colours for light and dark, with the ground painted', () => {
    const auto = renderChart(chart, 'auto');
    expect(auto).toContain('prefers-color-scheme:dark');
    expect(auto).toContain('<rect class="surface"');
    expect(renderChart(chart, 'dark')).not.toContain('prefers-color-scheme');
    expect(renderChart(chart, 'dark')).not.toBe(renderChart(chart, 'light'));
  });

  it('draws every curve inside its plot and every label once', () => {
    const svg = renderChart(chart, 'light');
    expect(svg.match(/<path class="curve (thin|bold) c\d" d="M[^"h]+"><title>/g)).toHaveLength(6 + 2);
    expect(svg.match(/>depth 20<\/text>/g)).toHaveLength(2);
    const numbers = [...svg.matchAll(/[ML](-?[\d.]+)[ ,](-?[\d.]+)/g)].flatMap(([, x, y]) => [Number(x), Number(y)]);
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers.every((value) => value >= 0 && value <= 420)).toBe(true);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('has round ticks that reach the greatest value', () => {
    const ticksOf = (error: number): string[] => {
      const drawn = figureOf('error-by-iteration', { spec, trials: [trial('plain', '20', error)] });
      const svg = drawn === undefined ? '' : renderChart(drawn, 'light');
      return [...svg.matchAll(/<text class="muted end"[^>]*>([^<]*)/g)].map(([, text = '']) => text);
    };
    expect(ticksOf(0.8)).toEqual(['0', '20', '40', '60', '80', '100']);
    const svg = renderChart(chart, 'light');
    const steps = [...svg.matchAll(/<text class="muted middle" x="[\d.]+" y="\d+">(\d+)</g)].map(([, text]) => text);
    expect(steps.slice(0, steps.length / 2)).toEqual(['0', '2', '4', '6', '8', '10']);
  });

  it('keeps every text inside the figure', () => {
    const wordy = studySpecSchema.parse({ ...spec, name: 'a name as long as names of studies get' });
    const long = 'a label that is wider than the panel it is to be drawn in';
    const trials = input.trials.map((one) => ({ ...one, labels: [long, one.labels[1] ?? ''] }));
    const chartOf = figureOf('error-by-depth', { spec: wordy, trials });
    const svg = chartOf === undefined ? '' : renderChart(chartOf, 'light');
    const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    const begun = [
      ...svg.matchAll(/<text (?:class="(?:title|muted)" )?x="([\d.]+)"[^>]*>(?:<title>.*?<\/title>)?([^<]*)/g),
    ];
    const ends = begun.map(([, x, text = '']) => Number(x) + text.length * CHARACTER_WIDTH.text);
    expect(ends.length).toBeGreaterThan(4);
    expect(Math.max(...ends)).toBeLessThanOrEqual(width);
    expect(svg).toContain(`<title>${long}</title>`);
    const words = [...svg.matchAll(/<text class="muted" x="52"[^>]*>([^<]*)/g)].map(([, text]) => text).join(' ');
    expect(words).toBe(chartOf?.note);
  });

  it('draws an empty study and one of a single point', () => {
    for (const trials of [[], input.trials.slice(0, 1)]) {
      for (const name of figureNames(spec)) {
        const empty = figureOf(name, { spec, trials });
        expect(empty && renderChart(empty, 'auto')).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  it('lets no text of the study become markup', () => {
    const svg = renderChart({ ...chart, title: '</title><script>"&' }, 'auto');
    expect(svg).toContain('&lt;/title&gt;&lt;script&gt;&quot;&amp;');
    expect(svg).not.toContain('<script');
  });
});
