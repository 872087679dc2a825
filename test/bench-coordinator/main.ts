/** Entry of `npm run bench:coordinator`: what long runs and many runs cost the coordinator. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedRedis } from '#queue';
import type { Figure } from './figure.js';
import { measureLong } from './measure-long.js';
import { measureMany } from './measure-many.js';
import { readBenchOptions, sizesUpTo, type BenchOptions } from './options.js';
import { reportFigures } from './report-figures.js';

type Measure = (dataDirectory: string, redisUrl: string, size: number) => Promise<Figure[]>;

async function main(options: BenchOptions): Promise<number> {
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), 'skiplane-bench-'));
  const figures: Figure[] = [];
  try {
    const parts: readonly [string, Measure, number][] = [
      ['long', measureLong, options.steps],
      ['many', measureMany, options.runs],
    ];
    for (const [part, measure, greatest] of parts) {
      if (options.only !== undefined && options.only !== part) continue;
      for (const size of sizesUpTo(greatest)) {
        console.error(`${part}: ${size.toLocaleString('en')} ${part === 'long' ? 'steps' : 'runs'} ...`);
        figures.push(...(await measured(folder, measure, size)));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return reportFigures(figures, { json: options.json });
}

async function measured(folder: string, measure: Measure, size: number): Promise<Figure[]> {
  const own = await mkdtemp(join(folder, 'size-'));
  const dataDirectory = join(own, 'data');
  await mkdir(dataDirectory);
  const redis = await startEmbeddedRedis({ dataDirectory: join(own, 'redis') });
  try {
    return await measure(dataDirectory, redis.url, size);
  } finally {
    await redis.stop();
    await rm(own, { recursive: true, force: true });
  }
}

const options = readBenchOptions(process.argv.slice(2));
if (options !== null) process.exitCode = await main(options);
