import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { CommandDevice } from '../../local-stack/command-device.js';
import { KEEP_MEMORY } from '../../local-stack/worker-plan.js';
import { median, PRECISIONS } from '#contracts';
import { runForJson, type ChildCommand } from '../../local-stack/run-for-json.js';
import type { StepBenchOptions } from './step-bench.js';

/** Where the PyTorch scripts are and which Python runs them. */
export interface Peer {
  readonly python: string;
  readonly scripts: string;
}

export interface StepComparison {
  readonly title: string;
  readonly imagesPerSecond: number;
  /** By name of the peer's way of running; empty without a peer. */
  readonly peers: readonly { readonly name: string; readonly imagesPerSecond: number; readonly ratio: number }[];
}

export interface CompareOptions {
  readonly rounds: number;
  readonly peer: Peer | null;
  /** What is computed on; borrowed. */
  readonly device: CommandDevice;
  /** No round but the first begins after this moment, milliseconds since 1970. */
  readonly lastRoundBefore?: number;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

const resultSchema = z.object({ imagesPerSecond: z.number().positive() });

async function imagesPerSecondOf(child: ChildCommand): Promise<number> {
  return (await runForJson(child, resultSchema)).imagesPerSecond;
}

interface Way {
  readonly name: string;
  measure(): Promise<number>;
}

/** ResNet-20 at batch 32 and ResNet-50 at batch 8, with one lane, and on a CPU with a lane per core, too. */
export async function compareSteps(options: CompareOptions): Promise<StepComparison[]> {
  const { gpu } = options.device;
  const cores = gpu === null ? availableParallelism() : 1;
  const results: StepComparison[] = [];
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

/** Ours and the peers in turn, so that a noisy minute falls on all of them; the ratio is the median of the rounds'. */
export async function compareStep(
  title: string,
  step: StepBenchOptions,
  options: CompareOptions,
): Promise<StepComparison> {
  const { lastRoundBefore = Infinity } = options;
  const peers = options.peer ? peerWays(step, options.peer, options) : [];
  const ways = [{ name: 'skiplane', measure: () => ours(step, options) }, ...peers];
  const measured = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds && (round === 0 || Date.now() < lastRoundBefore); round += 1) {
    for (const way of ways) {
      const value = await way.measure();
      measured.get(way.name)?.push(value);
      options.note(`${title}: ${way.name} ${value.toFixed(1)} images/s`);
    }
  }
  const own = measured.get('skiplane') ?? [];
  return {
    title,
    imagesPerSecond: median(own),
    peers: peers.map(({ name }) => {
      const values = measured.get(name) ?? [];
      return {
        name,
        imagesPerSecond: median(values),
        ratio: median(own.map((value, index) => value / (values[index] ?? NaN))),
      };
    }),
  };
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
