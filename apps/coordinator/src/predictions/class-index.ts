import { classNamesOf } from '#contracts';
import type { TrainingRun } from '../runs/live-run.js';

/**
 * The class that a name, a readable name or an index means, in this order. Null where none was given or the run has no
 * such class.
 */
export function classIndex(run: TrainingRun, given: string | undefined): number | null {
  const { dataset } = run.record;
  const { classes } = dataset;
  if (given === undefined) return null;
  const named = [classes, classNamesOf(dataset)].map((names) => names.indexOf(given)).find((index) => index >= 0);
  if (named !== undefined) return named;
  const index = /^\d+$/.test(given) ? Number(given) : classes.length;
  return index < classes.length ? index : null;
}
