import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PRECISIONS } from '#contracts';
import { KEEP_MEMORY } from '../../local-stack/worker-plan.js';
import {
  compareInTurn,
  imagesPerSecondOf,
  type CompareOptions,
  type Comparison,
  type Peer,
  type Way,
} from './compare-in-turn.js';
import type { StepBenchOptions } from './step-bench.js';

/** ResNet-20 at batch 32 and ResNet-50 at batch 8, with one lane, and on a CPU with a lane per core, too. */
export async function compareSteps(options: CompareOptions): Promise<Comparison[]> {
  const { gpu } = options.device;
  const cores = gpu === null ? availableParallelism() : 1;
  const results: Comparison[] = [];
  for (const { model, batch, steps } of [
    { model: 'resnet20', batch: 32, steps: 20 },
    { model: 'resnet50', batch: 8, steps: 4 },
  ] as const) {
    for (const lanes of cores > 1 ? [1, cores] : [1]) {
      const place = lanes === 1 ? `one lane on ${gpu ?? 'one core'}` : `${lanes} lanes on ${lanes} cores`;
      const title = `${model}, batch ${batch}, ${place}`;
      for (const precision of PRECISIONS)
        results.push(
          await compareStep(`${title}, ${precision}`, { model, batch, lanes, precision, warmup: 2, steps }, options),
        );
    }
  }
  return results;
}

/** Ours and the peers in turn. */
export function compareStep(title: string, step: StepBenchOptions, options: CompareOptions): Promise<Comparison> {
  const peers = options.peer ? peerWays(step, options.peer, options) : [];
  return compareInTurn(title, { own: () => ours(step, options), peers }, options);
}

function ours(step: StepBenchOptions, { device, signal }: CompareOptions): Promise<number> {
  const entry = fileURLToPath(new URL('./step-bench.js', import.meta.url));
  return imagesPerSecondOf({
    command: process.execPath,
    args: [entry, JSON.stringify(step)],
    env: { ...KEEP_MEMORY, ...device.env },
    signal,
  });
}

function peerWays(
  { model, batch, lanes, precision, warmup, steps }: StepBenchOptions,
  { python, scripts }: Peer,
  { device, signal }: CompareOptions,
): Way[] {
  const flags = { model, batch, precision, warmup, steps };
  const common = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const run = (script: string, ...more: string[]): Promise<number> =>
    imagesPerSecondOf({
      command: python,
      args: [join(scripts, script), ...common, ...more],
      cwd: scripts,
      env: device.env,
      signal,
    });
  if (device.gpu !== null) return [{ name: 'PyTorch', measure: () => run('step.py', '--device', 'cuda') }];
  const single = {
    name: `PyTorch, ${lanes} thread${lanes === 1 ? '' : 's'}`,
    measure: () => run('step.py', '--threads', String(lanes)),
  };
  if (lanes === 1) return [single];
  return [single, { name: `PyTorch DDP, ${lanes} processes`, measure: () => run('ddp.py', '--world', String(lanes)) }];
}
