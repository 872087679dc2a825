import type { Precision } from '#contracts';
import { meanOf, pairedDifference, type PairedDifference } from './paired-difference.js';

/** A run that is over. */
export interface AccuracyRun {
  readonly precision: Precision;
  readonly seed: number;
  /** Of the last epoch, in percent. */
  readonly accuracy: number;
  readonly seconds: number;
}

/** A precision against the first one, in points of accuracy. */
export interface PrecisionDifference extends PairedDifference {
  readonly precision: Precision;
  readonly against: Precision;
}

/** Every precision but the first against it, seed by seed. */
export function differencesOf(runs: readonly AccuracyRun[], precisions: readonly Precision[]): PrecisionDifference[] {
  const [against, ...others] = precisions;
  if (against === undefined) return [];
  return others.map((precision) => ({
    precision,
    against,
    ...pairedDifference(accuraciesOf(runs, against), accuraciesOf(runs, precision)),
  }));
}

/** Markdown: a row a seed, the means below. */
export function accuracyTable(runs: readonly AccuracyRun[], precisions: readonly Precision[]): string {
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const [against = 'fp32', ...others] = precisions;
  const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const differences = differencesOf(runs, precisions);
  return [
    row('seed', ...precisions.map((name) => `${name} %`), ...others.map((name) => `${name} − ${against}`)),
    row('---', ...precisions.map(() => '---:'), ...others.map(() => '---:')),
    ...seeds.map((seed) => {
      const of = (name: Precision): number =>
        runs.find((run) => run.precision === name && run.seed === seed)?.accuracy ?? NaN;
      const cells = [
        ...precisions.map((name) => of(name).toFixed(2)),
        ...others.map((name) => signed(of(name) - of(against))),
      ];
      return row(String(seed), ...cells);
    }),
    row(
      'mean',
      ...precisions.map((name) => meanOf(accuraciesOf(runs, name)).toFixed(2)),
      ...differences.map(({ mean, standardError }) => `${signed(mean)} ± ${standardError.toFixed(2)}`),
    ),
  ].join('\n');
}

function accuraciesOf(runs: readonly AccuracyRun[], precision: Precision): number[] {
  return runs
    .filter((run) => run.precision === precision)
    .toSorted((a, b) => a.seed - b.seed)
    .map(({ accuracy }) => accuracy);
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
