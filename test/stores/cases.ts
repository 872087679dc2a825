import type { Scenario } from '../operations/scenario.js';
import { busy } from './cases/busy.js';
import { credentials } from './cases/credentials.js';
import { inspections } from './cases/inspect.js';
import { lines } from './cases/lines.js';
import { promises } from './cases/promises.js';
import { referees } from './cases/referees.js';
import { refusals } from './cases/refused.js';
import { runs } from './cases/runs.js';
import { uploaded } from './cases/uploads.js';

/** All cases, in the order in which they are played. */
export const CASES: readonly Scenario[] = [
  ...promises,
  ...inspections,
  ...refusals,
  ...credentials,
  ...busy,
  ...lines,
  ...uploaded,
  ...referees,
  ...runs,
];
