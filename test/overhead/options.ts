import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { readOptions } from '../support/read-options.js';

const HELP = `npm run overhead -- [options]

What leases, the exchange with its retained pushes and the ledger cost when nothing fails: in one process, in turn,
the bare step loop (gradients of all lanes, their sum and the update in one run of the graph) and the same steps through a worker's whole path, with real parameter servers and a real Redis. Batches lie ready. Prints per network
the ratio of wall-clock and of processor time (the median of the pairs' and its 95 % interval), and where the
difference goes.

  --only TEXT       only networks whose title has this in it, such as resnet20 or "1 lane"
  --minutes N       how long each network is measured, about (default 3)
  --seconds N       how long one of a pair of measurements takes, at least a step (default 1)
  --servers N       parameter servers (default 2)
  --json            one JSON object last on standard output
  --help`;

const whole = z.coerce.number().int().min(1);
const optionsSchema = z.object({
  only: z.string().default(''),
  minutes: z.coerce.number().positive().default(3),
  seconds: z.coerce.number().positive().default(1),
  servers: whole.max(16).default(2),
  json: z.boolean().default(false),
});
export type OverheadOptions = z.infer<typeof optionsSchema>;

/** A network with the lanes and the engines that compute them. */
export const scenarioSchema = z.strictObject({
  title: z.string(),
  model: z.enum(['resnet20', 'resnet50']),
  batch: whole,
  lanes: whole,
  minutes: z.number().positive(),
  seconds: z.number().positive(),
  servers: z.array(z.string()),
  redisUrl: z.string(),
});
export type Scenario = z.infer<typeof scenarioSchema>;

/** ResNet-20 at batch 32 and ResNet-50 at batch 8 and 32, with one lane and with a lane per core. */
export function scenarios(): Pick<Scenario, 'title' | 'model' | 'batch' | 'lanes'>[] {
  const cores = availableParallelism();
  return (
    [
      { model: 'resnet20', batch: 32 },
      { model: 'resnet50', batch: 8 },
      { model: 'resnet50', batch: 32 },
    ] as const
  ).flatMap(({ model, batch }) =>
    (cores > 1 ? [1, cores] : [1]).map((lanes) => ({
      title: `${model}, batch ${batch}, ${lanes === 1 ? '1 lane on one core' : `${lanes} lanes on ${lanes} cores`}`,
      model,
      batch,
      lanes,
    })),
  );
}

/** Null, with the exit code set, where there is nothing more to do. */
export const readOverheadOptions = (args: string[]): OverheadOptions | null =>
  readOptions(args, { help: HELP, schema: optionsSchema });
