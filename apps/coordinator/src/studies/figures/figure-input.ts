import type { StudySpec } from '#contracts';
import type { TrialCurves, TrialErrors } from '../trial-results.js';

/** One trial as the figures need it. */
export interface FigureTrial {
  readonly labels: readonly string[];
  readonly isFinished: boolean;
  readonly errors: TrialErrors;
  readonly curves: TrialCurves;
}

export interface FigureInput {
  readonly spec: StudySpec;
  /** Those that train or have finished: a run that failed says nothing about a combination. */
  readonly trials: readonly FigureTrial[];
}

/** Trials that have the same labels, in the order of the grid. */
export function byLabels(
  trials: readonly FigureTrial[],
  labelsOf: (trial: FigureTrial) => readonly string[],
): { readonly labels: readonly string[]; readonly trials: readonly FigureTrial[] }[] {
  const groups = new Map<string, { labels: readonly string[]; trials: FigureTrial[] }>();
  for (const trial of trials) {
    const labels = labelsOf(trial);
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { labels, trials: [] };
    group.trials.push(trial);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Labels as a legend shows them: a number alone says nothing without its axis. */
export function legendText(axes: readonly { readonly name: string }[], labels: readonly string[]): string {
  return labels
    .map((label, index) => (Number.isNaN(Number(label)) ? label : `${axes[index]?.name ?? ''} ${label}`))
    .join(', ');
}
