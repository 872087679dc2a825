import { runMetricsSchema } from '#contracts';
import type { FixtureRun } from './fixture-run.js';

/** Of the range that is asked for, every step. */
export function metricsOf(run: FixtureRun, { searchParams }: URL): unknown {
  const from = Number(searchParams.get('from') ?? 1);
  const to = Number(searchParams.get('to') ?? Infinity);
  const isIn = ({ step }: { readonly step: number }): boolean => step >= from && step <= to;
  return runMetricsSchema.parse({
    steps: run.steps.filter(isIn),
    stretches: [],
    evaluations: run.evaluations.filter(isIn),
  });
}
