import { meanOf, pairedDifference, type PairedDifference } from './paired-difference.js';
import type { Variant } from './variants.js';

/** A run that is over. */
export interface AccuracyRun {
  readonly variant: Variant;
  readonly seed: number;
  /** Of the last epoch, in percent. */
  readonly accuracy: number;
  readonly seconds: number;
}

/** A variant against the first one, in points of accuracy. */
export interface VariantDifference extends PairedDifference {
  readonly variant: Variant;
  readonly against: Variant;
}

/** Every variant but the first against it, seed by seed. */
export function differencesOf(runs: readonly AccuracyRun[], variants: readonly Variant[]): VariantDifference[] {
  const [against, ...others] = variants;
  if (against === undefined) return [];
  return others.map((variant) => ({
    variant,
    against,
    ...pairedDifference(accuraciesOf(runs, against), accuraciesOf(runs, variant)),
  }));
}

/** Markdown: a row a seed, the means below. */
export function accuracyTable(runs: readonly AccuracyRun[], variants: readonly Variant[]): string {
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const [against = 'fp32', ...others] = variants;
  const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const differences = differencesOf(runs, variants);
  return [
    row('seed', ...variants.map((name) => `${name} %`), ...others.map((name) => `${name} − ${against}`)),
    row('---', ...variants.map(() => '---:'), ...others.map(() => '---:')),
    ...seeds.map((seed) => {
      const of = (name: Variant): number =>
        runs.find((run) => run.variant === name && run.seed === seed)?.accuracy ?? NaN;
      const cells = [
        ...variants.map((name) => of(name).toFixed(2)),
        ...others.map((name) => signed(of(name) - of(against))),
      ];
      return row(String(seed), ...cells);
    }),
    row(
      'mean',
      ...variants.map((name) => meanOf(accuraciesOf(runs, name)).toFixed(2)),
      ...differences.map(({ mean, standardError }) => `${signed(mean)} ± ${standardError.toFixed(2)}`),
    ),
  ].join('\n');
}

function accuraciesOf(runs: readonly AccuracyRun[], variant: Variant): number[] {
  return runs
    .filter((run) => run.variant === variant)
    .toSorted((a, b) => a.seed - b.seed)
    .map(({ accuracy }) => accuracy);
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
