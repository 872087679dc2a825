import { z } from 'zod';
import { readOptions } from '../support/read-options.js';

const HELP = `npm run bench:coordinator -- [options]

What a year of runs costs the coordinator: long runs (10,000 to 1,000,000 steps) and many (100 to 10,000). The records
are made by the coordinator's own code. A real coordinator then serves them beside a real Redis. Exit code 0: every
figure holds.

  --steps N         steps of the longest run (default 1000000)
  --runs N          number of runs of the fullest folder (default 10000)
  --only long|many  one half of it
  --folder PATH     where the records lie while it lasts (default: the folder for temporary files)
  --json            one JSON object last on standard output
  --help`;

const optionsSchema = z.object({
  steps: z.coerce.number().int().min(10_000).max(10_000_000).default(1_000_000),
  runs: z.coerce.number().int().min(10).max(100_000).default(10_000),
  only: z.enum(['long', 'many']).optional(),
  folder: z.string().optional(),
  json: z.boolean().default(false),
});
export type BenchOptions = z.infer<typeof optionsSchema>;

/** Null, with the exit code set, where there is nothing more to do. */
export const readBenchOptions = (args: string[]): BenchOptions | null =>
  readOptions(args, { help: HELP, schema: optionsSchema });

/** A hundredth, a tenth and the whole of the greatest size. */
export function sizesUpTo(greatest: number): number[] {
  return [greatest / 100, greatest / 10, greatest].map((size) => Math.max(1, Math.round(size)));
}
