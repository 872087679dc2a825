import { WIRE_FORMATS } from '#contracts';
import { z } from 'zod';
import { bandwidth } from '../../apps/cli/src/commands/plan/bandwidth.js';
import { readOptions } from '../support/read-options.js';
import { NETWORK_NAMES } from './measure-steps.js';

const HELP = `npm run scaling -- [options]

Trains a small network with much to send on 1 to 4 workers, each and every parameter server on a host of its own
(a network namespace), over lines of several bandwidths, and compares what a step takes with the model of
\`skiplane plan\`. The model gets the vector's length, and what one worker alone took to compute and to update. Exits 1
where a step deviates by more than 10 %. Needs root, iproute2 and a quiet machine; five minutes on two cores.

  --workers N,...        numbers of workers, one lane each (default 2,3,4); the model is set by one worker
  --bandwidths RATE,...  of every host, each way (default 100M,150M,250M)
  --network NAME         wide: 15 MB to send; light: 4 MB, for lines of 10M; resnet18: 45 MB, and a second to compute
                         (default wide)
  --overlap WHEN,...     SKIPLANE_OVERLAP of the workers: off, on (default off)
  --servers N            parameter servers (default 2)
  --steps N              measured steps of each (default 5)
  --wire WIRE            fp32 or bf16 (default fp32)
  --json                 one JSON object last on standard output
  --help

Example: npm run scaling -- --network resnet18 --overlap off,on --workers 2 --bandwidths 250M,500M,1G`;

const whole = z.coerce.number<string>().int();
const list = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .transform((given) => given.split(','));
const rate = z.string().transform((text, context) => {
  try {
    return bandwidth(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `${text}: ${String(error)}` });
    return z.NEVER;
  }
});

const optionsSchema = z.object({
  workers: list('2,3,4').pipe(z.array(whole.min(2).max(8))),
  bandwidths: list('100M,150M,250M').pipe(z.array(rate)),
  network: z.enum(NETWORK_NAMES).default('wide'),
  overlap: list('off').pipe(z.array(z.enum(['off', 'on']))),
  servers: z.coerce.number().int().min(1).max(8).default(2),
  steps: z.coerce.number().int().min(3).max(100).default(5),
  wire: z.enum(WIRE_FORMATS).default('fp32'),
  json: z.boolean().default(false),
});
export type ScalingOptions = z.infer<typeof optionsSchema>;

/** Null, with the exit code set, where there is nothing more to do. */
export const readScalingOptions = (args: string[]): ScalingOptions | null =>
  readOptions(args, { help: HELP, schema: optionsSchema });
