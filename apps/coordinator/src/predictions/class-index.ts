import type { LiveRun } from '../runs/live-run.js';

/** The class a name or an index means; a name comes first. Null where none was given or the run has no such class. */
export function classIndex(run: LiveRun, given: string | undefined): number | null {
  const { classes } = run.record.dataset;
  if (given === undefined) return null;
  const named = classes.indexOf(given);
  if (named >= 0) return named;
  const index = /^\d+$/.test(given) ? Number(given) : classes.length;
  return index < classes.length ? index : null;
}
