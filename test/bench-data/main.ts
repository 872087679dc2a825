/** Entry of `npm run bench:data`: what a large data set costs before the first step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from '../bench-coordinator/figure.js';
import { sizesUpTo } from '../bench-coordinator/options.js';
import { reportFigures } from '../bench-coordinator/report-figures.js';
import { measure } from './measure.js';
import { readBenchOptions, type BenchOptions } from './options.js';

async function main({ samples, folder, json }: BenchOptions): Promise<number> {
  const figures: Figure[] = [];
  for (const size of sizesUpTo(samples)) {
    console.error(`${size.toLocaleString('en')} images ...`);
    const own = await mkdtemp(join(folder ?? tmpdir(), 'skiplane-bench-'));
    try {
      figures.push(...(await measure(own, size)));
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }
  return reportFigures(figures, { json });
}

const options = readBenchOptions(process.argv.slice(2));
if (options !== null) process.exitCode = await main(options);
