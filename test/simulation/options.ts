import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { readOptions } from '../support/read-options.js';
import { FAULT_NAMES } from './fault-names.js';

const HELP = `npm run simulate -- [options]

Runs the production coordinator, parameter servers and workers in one process on virtual time, with faults drawn from
a seed, and compares with the undisturbed run bit by bit. Exit code 0: all held; 1: something did not; 2: usage.

  --seeds N       how many seeds (default 1000)
  --from N        the first seed (default 1)
  --seed N        this one alone
  --first         stop at the first seed that fails (in each process)
  --trace         print what happens, in virtual seconds (with --seed)
  --faults LIST   only these, by comma: ${FAULT_NAMES.join(', ')}
  --inject BUG    break the code first: fence, retention or order
  --jobs N        processes at once (default: one per core)
  --json          one JSON object instead of text
  --help`;

const whole = z.coerce.number().int().min(1);
const optionsSchema = z.object({
  seeds: whole.default(1_000),
  from: whole.default(1),
  seed: whole.optional(),
  first: z.boolean().default(false),
  trace: z.boolean().default(false),
  faults: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(FAULT_NAMES)).min(1))
    .default([...FAULT_NAMES]),
  inject: z.enum(['fence', 'retention', 'order']).nullable().default(null),
  jobs: whole.max(64).default(availableParallelism()),
  json: z.boolean().default(false),
});
export type SimulationOptions = z.infer<typeof optionsSchema>;

/** Null, with the exit code set, where there is nothing more to do. */
export const readSimulationOptions = (args: string[]): SimulationOptions | null =>
  readOptions(args, { help: HELP, schema: optionsSchema });
