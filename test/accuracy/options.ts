import { z } from 'zod';
import { readOptions } from '../support/read-options.js';
import { VARIANT_NAMES } from './variants.js';

const HELP = `npm run accuracy -- [options]

Trains the demo's network on the demo's images in variants with several seeds, on one core, through the real
stack, and compares the final validation accuracies seed by seed. A run takes one to two minutes of a core.

  --seeds N         seeds 1 to N, 2 or more (default 5)
  --variants A,B    of ${VARIANT_NAMES.join(', ')}: the first is what the others are compared with (default fp32,bf16)
  --epochs N        (default 5, the demo's)
  --images N        validation images (default 5000; the fewer, the more of a difference is chance)
  --within N        points of accuracy by which a mean difference may fall short (default 0.3)
  --json            one JSON object last on standard output
  --help

Example:
  npm run accuracy -- --seeds 3 --variants fp32,blocks --json

Exit codes: 0 every mean difference holds, 1 one does not, 2 bad usage.`;

const variantsSchema = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(VARIANT_NAMES)).min(2))
  .refine((names) => new Set(names).size === names.length, 'names a variant twice');

const whole = z.coerce.number().int();
const optionsSchema = z.object({
  seeds: whole.min(2).max(100).default(5),
  variants: variantsSchema.prefault('fp32,bf16'),
  epochs: whole.min(1).max(1000).default(5),
  images: whole.min(10).max(1_000_000).default(5_000),
  within: z.coerce.number().positive().default(0.3),
  json: z.boolean().default(false),
});
export type AccuracyOptions = z.infer<typeof optionsSchema>;

/** Null, with the exit code set, where there is nothing more to do. */
export const readAccuracyOptions = (args: string[]): AccuracyOptions | null =>
  readOptions(args, { help: HELP, schema: optionsSchema });
