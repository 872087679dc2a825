import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import { Command } from 'commander';
import type { CommandIo, CommandSetup } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { consoleProgress } from '../../output/console-progress.js';
import { runLongAction } from '../../action/run-action.js';
import type { Comparison, Peer } from './compare-in-turn.js';
import type { EndToEndResult } from './end-to-end-bench.js';

interface BenchFlags {
  readonly peer?: string;
  readonly peerScripts: string;
  readonly rounds: string;
  readonly stepsOnly?: boolean;
  readonly json?: boolean;
}

/** `skiplane bench`: what this machine does, and against PyTorch where a Python environment with it is named. */
export function benchCommand({ io }: CommandSetup): Command {
  return new Command('bench')
    .description('measure training steps, the loader and a whole run on this machine')
    .option(
      '--peer <venv>',
      'Python environment with PyTorch: measures it alternately with Skiplane and prints the ratios',
    )
    .option('--peer-scripts <folder>', 'folder of step.py, ddp.py and loader.py', '../shared/peers')
    .option('--rounds <n>', 'how often each pair is measured; medians are printed', '3')
    .option('--steps-only', 'skip the loader and the whole run')
    .option('--json', 'print the result as one line of JSON, the last of stdout')
    .action((flags: BenchFlags) => runLongAction(io, flags, (signal) => bench(flags, io, signal)));
}

async function bench(flags: BenchFlags, io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const note = (line: string): void => io.err(line);
  const rounds = Number(flags.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RefusedInputError(`--rounds must be an integer from 1, got ${flags.rounds}`);
  const peer = flags.peer === undefined ? null : findPeer(flags.peer, flags.peerScripts);
  const { claimCommandDevice, provisionStack, readStackConfig } = await import('../../local-stack/index.js');
  const config = readStackConfig(process.env);
  await provisionStack(config, consoleProgress(note), signal);
  const { compareSteps } = await import('./compare-steps.js');
  const device = await claimCommandDevice(config, 'bench', note);
  const options = { rounds, peer, device, note, signal };
  const steps = await compareSteps(options).finally(() => device.release());
  const { compareLoaders } = await import('./compare-loaders.js');
  const loaders = flags.stepsOnly ? [] : await compareLoaders(options);
  const { endToEndBench } = await import('./end-to-end-bench.js');
  const endToEnd = flags.stepsOnly ? null : await endToEndBench(note, signal);
  io.out(flags.json ? JSON.stringify({ steps, loaders, endToEnd }) : table([...steps, ...loaders], endToEnd));
  return EXIT.ok;
}

function findPeer(environment: string, scriptsFlag: string): Peer {
  const python = join(resolve(environment), 'bin', 'python');
  const scripts = resolve(scriptsFlag);
  const faults = [
    ...(existsSync(python) ? [] : [{ path: '--peer', message: `${python} does not exist` }]),
    ...['step.py', 'ddp.py', 'loader.py']
      .filter((script) => !existsSync(join(scripts, script)))
      .map((script) => ({ path: '--peer-scripts', message: `${join(scripts, script)} does not exist` })),
  ];
  if (faults.length > 0) throw new RefusedInputError('PyTorch cannot be run as the peer', faults);
  return { python, scripts };
}

/** Plain text; one row a comparison. */
export function table(rows: readonly Comparison[], endToEnd: EndToEndResult | null): string {
  const lines = rows.flatMap(({ title, imagesPerSecond, peers }) => [
    `${title.padEnd(52)} ${imagesPerSecond.toFixed(1).padStart(8)} images/s`,
    ...peers.map(
      (each) =>
        `  against ${each.name.padEnd(42)} ${each.imagesPerSecond.toFixed(1).padStart(8)} images/s   ratio ${each.ratio.toFixed(2)}`,
    ),
  ]);
  if (!endToEnd) return lines.join('\n');
  const shares = Object.entries(endToEnd.shares).map(([part, share]) => `${part} ${(share * 100).toFixed(1)} %`);
  return [
    ...lines,
    `${'whole run, ResNet-20, 4 lanes of 32, JPEG to weights'.padEnd(52)} ${endToEnd.imagesPerSecond.toFixed(1).padStart(8)} images/s`,
    `  of a step: ${shares.join(', ')}`,
  ].join('\n');
}
