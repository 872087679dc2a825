import type { BenchGroup } from './bench-group.js';
import { loaders } from './compare-loaders.js';
import { runs } from './compare-runs.js';
import { steps } from './compare-steps.js';

/** In the order of the table. */
export const GROUPS: readonly BenchGroup[] = [steps, loaders, runs];
