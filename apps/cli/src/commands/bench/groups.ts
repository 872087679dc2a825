import type { BenchGroup } from './bench-group.js';
import { allReduces } from './compare-all-reduces.js';
import { loaders } from './compare-loaders.js';
import { packs } from './compare-packs.js';
import { runs } from './compare-runs.js';
import { steps } from './compare-steps.js';

/** In the order of the table. */
export const GROUPS: readonly BenchGroup[] = [steps, allReduces, loaders, packs, runs];
