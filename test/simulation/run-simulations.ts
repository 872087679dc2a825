import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SimulationOptions } from './options.js';
import { installGlobals } from './platform/globals.js';
import { simulate, type SimulationResult } from './simulate.js';

interface Summary {
  readonly seeds: number;
  readonly failed: readonly Pick<SimulationResult, 'seed' | 'failures' | 'faults'>[];
  readonly faults: number;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly seconds: number;
}

/** Failures that are told in full. */
const MAX_TOLD = 50;
const realNow = performance.now.bind(performance);

/** Runs what the options ask for, prints it and returns the exit code. */
export async function runSimulations(options: SimulationOptions): Promise<number> {
  const startedAt = realNow();
  const numSeeds = options.seed === undefined ? options.seeds : 1;
  const parts =
    options.jobs > 1 && numSeeds >= 20 ? await inChildren(options, numSeeds) : [await inThisProcess(options, numSeeds)];
  const failed = parts.flatMap((part) => part.failed).sort((a, b) => a.seed - b.seed);
  const sum = (of: (part: Summary) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const summary: Summary = {
    seeds: sum(({ seeds }) => seeds),
    failed: failed.slice(0, MAX_TOLD),
    faults: sum(({ faults }) => faults),
    events: sum(({ events }) => events),
    virtualSeconds: Math.round(sum(({ virtualSeconds }) => virtualSeconds)),
    seconds: Math.round((realNow() - startedAt) / 10) / 100,
  };
  if (options.json) console.log(JSON.stringify({ ...summary, numFailed: failed.length, bug: options.inject }));
  else tell(summary, failed.length);
  return failed.length === 0 && summary.seeds === numSeeds ? 0 : 1;
}

async function inThisProcess(options: SimulationOptions, numSeeds: number): Promise<Summary> {
  installGlobals();
  const startedAt = realNow();
  const first = options.seed ?? options.from;
  const results: SimulationResult[] = [];
  const print = options.trace && options.seed !== undefined ? (line: string) => console.error(line) : null;
  for (let seed = first; seed < first + numSeeds; seed += 1) {
    const result = await simulate(seed, options.faults, print);
    results.push(result);
    if (options.first && result.failures.length > 0) break;
  }
  return {
    seeds: results.length,
    failed: results.filter(({ failures }) => failures.length > 0),
    faults: results.reduce((total, { faults }) => total + faults.length, 0),
    events: results.reduce((total, { events }) => total + events, 0),
    virtualSeconds: results.reduce((total, { virtualMs }) => total + virtualMs / 1_000, 0),
    seconds: (realNow() - startedAt) / 1_000,
  };
}

/** Cuts the seeds into stretches, one process each. */
async function inChildren(options: SimulationOptions, numSeeds: number): Promise<Summary[]> {
  const share = Math.ceil(numSeeds / options.jobs);
  const stretches = Array.from({ length: options.jobs }, (_, job) => ({
    from: options.from + job * share,
    seeds: Math.min(share, numSeeds - job * share),
  })).filter(({ seeds }) => seeds > 0);
  return await Promise.all(
    stretches.map(async ({ from, seeds }) => {
      const args = ['--from', String(from), '--seeds', String(seeds), '--jobs', '1', '--json'];
      args.push('--faults', options.faults.join(','));
      if (options.first) args.push('--first');
      if (options.inject !== null) args.push('--inject', options.inject);
      return await simulateInChild(args);
    }),
  );
}

function simulateInChild(args: readonly string[]): Promise<Summary> {
  return new Promise((resolve, reject) => {
    const main = fileURLToPath(new URL('./main.js', import.meta.url));
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (text === '') reject(new Error(`a simulation process ended with code ${code} and no result`));
      else resolve(JSON.parse(text) as Summary);
    });
  });
}

function tell(summary: Summary, numFailed: number): void {
  for (const { seed, failures, faults } of summary.failed) {
    console.log(`seed ${seed}: ${failures.join('; ')}\n  after: ${faults.join(', ')}`);
  }
  const { seeds, faults, events, virtualSeconds, seconds } = summary;
  console.log(
    `${seeds} seeds, ${numFailed} failed; ${faults} faults, ${events} events, ${virtualSeconds} simulated seconds in ${seconds} s`,
  );
}
