import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import { writeDurably } from '#files';
import { Command } from 'commander';
import type { CommandIo, CommandSetup } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { runLongAction } from '../../action/run-action.js';
import { wholeNumber } from '../../flags/whole-number.js';
import { consoleProgress } from '../../output/console-progress.js';
import type { Peer } from './bench-group.js';
import type { BenchResult } from './bench-result.js';

interface BenchFlags {
  readonly peer?: string;
  readonly only?: readonly string[];
  readonly rounds: number;
  readonly minutes: number;
  readonly from?: string;
  readonly save?: string;
  readonly json?: boolean;
}

const HELP = `
Skiplane and the peers are measured in turn, each in processes of its own. A ratio above 1 says that Skiplane is faster.

Example:
  skiplane bench --peer ~/.cache/peers
  skiplane bench --peer ~/.cache/peers --only step/resnet50,loader --rounds 1
  skiplane bench --peer ~/.cache/peers --save .docs/benchmarks.json`;

/** `skiplane bench`: what this machine does, and against PyTorch where a Python environment with it is named. */
export function benchCommand({ io }: CommandSetup): Command {
  return new Command('bench')
    .description('measure training steps, the loader and whole runs on this machine')
    .option('--peer <venv>', 'Python environment with PyTorch and torchvision: measures them in turn with Skiplane')
    .option('--only <rows>', 'beginnings of rows with commas between, such as step/resnet50,run', listed)
    .option('--rounds <n>', 'how often all is measured; medians are printed', wholeNumber(1), 3)
    .option('--minutes <n>', 'begins no round but the first that would end later', wholeNumber(1), 14)
    .option('--from <file>', 'measures nothing: takes a result that --save wrote')
    .option('--save <file.json>', 'writes the result, and as a document beside it, .md in the place of .json')
    .option('--json', 'print the result as one line of JSON, the last of stdout')
    .addHelpText('after', HELP)
    .action((flags: BenchFlags) => runLongAction(io, flags, (signal) => bench(flags, io, signal)));
}

const listed = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

async function bench(flags: BenchFlags, io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const peer = flags.peer === undefined ? null : findPeer(flags.peer);
  if (flags.save?.endsWith('.json') === false)
    throw new RefusedInputError(`--save expects a file that ends in .json, got ${flags.save}`);
  const { readBenchResult } = await import('./bench-result.js');
  const result = await (flags.from === undefined
    ? measured(flags, peer, { note: (line) => io.err(line), signal })
    : readBenchResult(flags.from));
  const { resultDocument, resultText } = await import('./result-text.js');
  if (flags.save !== undefined) {
    await writeDurably(resolve(flags.save), `${JSON.stringify(result, null, 2)}\n`);
    await writeDurably(resolve(flags.save).replace(/\.json$/, '.md'), resultDocument(result));
  }
  io.out(flags.json ? JSON.stringify(result) : resultText(result));
  return EXIT.ok;
}

async function measured(
  { only = [], rounds, minutes }: BenchFlags,
  peer: Peer | null,
  { note, signal }: { readonly note: (line: string) => void; readonly signal: AbortSignal },
): Promise<BenchResult> {
  const { claimCommandDevice, provisionStack, readStackConfig } = await import('../../local-stack/index.js');
  const { measureBench } = await import('./measure-bench.js');
  const config = readStackConfig(process.env);
  await provisionStack(config, consoleProgress(note), signal);
  const device = await claimCommandDevice(config, 'bench', note);
  const limitMs = minutes * 60_000;
  return await measureBench({ only, rounds, limitMs, peer, device, note, signal }).finally(() => device.release());
}

function findPeer(environment: string): Peer {
  const python = join(resolve(environment), 'bin', 'python');
  if (existsSync(python)) return { python };
  const message = `${python} does not exist`;
  throw new RefusedInputError('PyTorch cannot be run as the peer', [{ path: '--peer', message }]);
}
