import { RefusedInputError } from '#contracts';
import type { Fault } from './dataset.js';

const MAX_NAMED_FILES = 20;

/** The error that refuses a data set: its message names the first fault, `faults` holds all. */
export function datasetRefusal(path: string, faults: readonly Fault[]): RefusedInputError {
  const [first] = faults;
  // What is said of the data set as a whole has no path.
  const reason = [first?.path ?? '', first?.message ?? ''].filter((part) => part !== '').join(': ');
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new RefusedInputError(`data set ${path} is refused: ${reason}${more}`, faults);
}

/** Unreadable files as faults: the first 20 by name, then their number and what to do. */
export function brokenFileFaults(broken: readonly Fault[]): readonly Fault[] {
  const named = broken.slice(0, MAX_NAMED_FILES);
  if (broken.length === 0) return named;
  const advice = 'repair or remove them, or submit the run with dataset.unreadable = "skip"';
  const more = broken.length > named.length ? `, of which the first ${named.length} are named` : '';
  return [...named, { path: '', message: `${broken.length} unreadable files in all${more}: ${advice}` }];
}
