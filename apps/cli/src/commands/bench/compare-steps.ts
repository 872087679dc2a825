import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { PRECISIONS } from '#contracts';
import { KEEP_MEMORY } from '../../local-stack/worker-plan.js';
import { imagesPerSecondOf, peerCommand, type BenchContext, type BenchGroup, type Peer } from './bench-group.js';
import type { Row, Way } from './compare-in-turn.js';
import type { StepBenchOptions } from './step-bench.js';

/** ResNet-20 at batch 32 and ResNet-50 at batch 8, with one lane, and on a CPU with a lane per core, too. */
export const steps: BenchGroup = {
  name: 'step',
  about:
    'Forward, backward and update on batches that lie in memory. PyTorch runs channels-last, in bf16 under autocast; DDP has a process of one thread per core and gloo.',
  rows: (context) => {
    const { gpu } = context.device;
    const cores = gpu === null ? availableParallelism() : 1;
    return SIZES.flatMap(({ model, batch, numSteps }) =>
      (cores > 1 ? [1, cores] : [1]).flatMap((lanes) =>
        PRECISIONS.map((precision) => {
          const place = lanes === 1 ? `one lane on ${gpu ?? 'one core'}` : `${lanes} lanes on ${lanes} cores`;
          const title = `${model}, batch ${batch}, ${place}, ${precision}`;
          return stepRow(title, { model, batch, lanes, precision, warmup: 1, steps: numSteps }, context);
        }),
      ),
    );
  },
};

type StepContext = Pick<BenchContext, 'peer' | 'device' | 'signal'>;

const SIZES = [
  { model: 'resnet20', batch: 32, numSteps: 20 },
  { model: 'resnet50', batch: 8, numSteps: 3 },
] as const;

/** @param title what the table says of it */
export function stepRow(title: string, step: StepBenchOptions, context: StepContext): Row {
  const { model, batch, lanes, precision } = step;
  const id = `step/${model}/${lanes}x${batch}/${precision}`;
  const peers = context.peer ? peerWays(step, context.peer, context) : [];
  return { id, title, unit: 'images/s', own: ours(step, context), peers };
}

function ours(step: StepBenchOptions, { device, signal }: StepContext): Way {
  const args = [fileURLToPath(new URL('./step-bench.js', import.meta.url)), JSON.stringify(step)];
  const env = { ...KEEP_MEMORY, ...device.env };
  return { name: 'skiplane', measure: () => imagesPerSecondOf({ command: process.execPath, args, env, signal }) };
}

function peerWays(
  { model, batch, lanes, precision, warmup, steps: numSteps }: StepBenchOptions,
  peer: Peer,
  context: StepContext,
): Way[] {
  const flags = { model, batch, precision, warmup, steps: numSteps };
  const way = (name: string, script: string, more: Readonly<Record<string, string | number>>): Way => ({
    name,
    measure: () => imagesPerSecondOf(peerCommand(peer, script, { ...flags, ...more }, context)),
  });
  if (context.device.gpu !== null) return [way('PyTorch', 'step.py', { device: 'cuda' })];
  const single = way(`PyTorch, ${lanes} thread${lanes === 1 ? '' : 's'}`, 'step.py', { threads: lanes });
  if (lanes === 1) return [single];
  return [single, way(`PyTorch DDP, ${lanes} processes`, 'ddp.py', { world: lanes })];
}
