import { z } from 'zod';
import { readOptions } from '../support/read-options.js';

const HELP = `npm run bench:data -- [options]

What a large data set costs: survey, submission, the way of the index to a worker, the first step of a run, opening, the first
batch and the order of an epoch, for a hundredth, a tenth and all of --samples images. The images are hard links of 100-pixel JPEGs in 1,000
class folders, then sparse ones in tar shards. Exit code 0: every figure holds, and everything grows linearly or better.

  --samples N     images of the largest data set (default 1280000)
  --folder PATH   where they lie while it lasts (default: the folder for temporary files); it needs an inode for each class
  --json          one JSON object last on standard output
  --help

Example:
  npm run bench:data -- --samples 100000`;

const optionsSchema = z.object({
  samples: z.coerce.number().int().min(10_000).max(20_000_000).default(1_280_000),
  folder: z.string().optional(),
  json: z.boolean().default(false),
});
export type BenchOptions = z.infer<typeof optionsSchema>;

/** Null, with the exit code set, where there is nothing more to do. */
export const readBenchOptions = (args: string[]): BenchOptions | null =>
  readOptions(args, { help: HELP, schema: optionsSchema });
