/** Entry of `npm run bench:data`: what a large data set costs before the first step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { growthOf, growthTable, holds, type Figure } from '../bench-coordinator/figure.js';
import { sizesUpTo } from '../bench-coordinator/options.js';
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
  const growth = growthOf(figures);
  console.error(growthTable(growth, figures));
  const faults = [
    ...figures
      .filter((figure) => !holds(figure))
      .map(({ what, size, value, unit, goal }) => `${what} at ${size}: ${value.toFixed(1)} ${unit}, goal ${goal}`),
    ...growth.filter(({ isLinear }) => !isLinear).map(({ what }) => `${what}: grows worse than linearly`),
  ];
  for (const fault of faults) console.error(`not held: ${fault}`);
  if (json)
    console.log(JSON.stringify({ machine: { cores: cpus().length, node: process.version }, figures, growth, faults }));
  return faults.length === 0 ? 0 : 1;
}

const options = readBenchOptions(process.argv.slice(2));
if (options !== null) process.exitCode = await main(options);
