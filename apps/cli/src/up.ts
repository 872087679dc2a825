import { Option, type Command } from 'commander';
import { wholeNumber } from './client/client-command.js';
import { EXIT } from './client/exit-codes.js';
import { consoleProgress } from './console-progress.js';
import { runCommandAction } from './run-command-action.js';
import type { Stack } from './stack/index.js';

interface UpOptions {
  readonly workers?: number;
  readonly engines?: number;
  readonly parameterServers: number;
  readonly port?: number;
  readonly redisPort?: number;
  readonly device: 'auto' | 'cpu';
}

const EXAMPLE = `
Redis is started unless REDIS_URL names one. HOST, PORT, SKIPLANE_DATA_DIR and SKIPLANE_API_KEY are read from the
environment. A process that dies is started again; Ctrl-C stops workers, servers, coordinator and Redis in this order.

Example:
  skiplane up
  skiplane up --workers 2 --port 3100`;

/** Adds `skiplane up`: the stack on this machine, until it is stopped. */
export function registerUpCommand(program: Command): void {
  program
    .command('up')
    .description('start the stack on this machine: Redis, coordinator, parameter servers, workers')
    .option('--workers <n>', 'worker processes (default: one per GPU, or one)', wholeNumber(0))
    .option('--engines <n>', 'lanes at once of a worker (default: the cores split among the workers)', wholeNumber(1))
    .option('--parameter-servers <n>', 'parameter server processes', wholeNumber(1), 2)
    .option('--port <n>', 'port of API and dashboard (default: PORT, or 3000)', wholeNumber(0))
    .option('--redis-port <n>', 'port of the embedded Redis (default: a free one)', wholeNumber(1))
    .addOption(new Option('--device <kind>', 'cpu leaves the GPUs alone').choices(['auto', 'cpu']).default('auto'))
    .addHelpText('after', EXAMPLE)
    .action(async (options: UpOptions) => await runCommandAction(async () => await up(options)));
}

async function up(options: UpOptions): Promise<number> {
  const { provisionStack, readStackConfig, startStack } = await import('./stack/index.js');
  const config = readStackConfig(process.env);
  const note = (line: string): void => console.error(line);
  using stopped = stopSignals();
  try {
    await provisionStack(config, consoleProgress(note), stopped.signal);
    const stack = await startStack({
      dataDirectory: config.dataDirectory,
      parameterServers: options.parameterServers,
      device: options.device,
      logLimits: config.logLimits,
      note,
      signal: stopped.signal,
      ...given({ redisUrl: config.redisUrl, port: options.port ?? config.port }),
      ...given({ workers: options.workers, engines: options.engines, redisPort: options.redisPort }),
    });
    announce(stack, config.dataDirectory);
    await stopped.first;
    note('stopping (Ctrl-C again: at once) ...');
    stopped.onSecond(() => void stack.killAll());
    await stack.stop();
    return EXIT.ok;
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    return EXIT.interrupted;
  }
}

/** The entries that have a value: an absent option is left out, not passed as undefined. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> };
function given(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function announce(stack: Stack, dataDirectory: string): void {
  const count = stack.workers().length;
  console.log(`Skiplane is up: ${stack.url}  (dashboard; API documentation at ${stack.url}/docs)`);
  console.log(`  Redis ${stack.redisUrl}, ${count} worker${count === 1 ? '' : 's'}, data and logs in ${dataDirectory}`);
  for (const { name, pid } of stack.processes()) console.log(`  ${name.padEnd(20)} pid ${pid ?? '-'}`);
  console.log('Ctrl-C stops it.');
}

interface StopSignals extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  readonly first: Promise<void>;
  onSecond(listener: () => void): void;
}

/** A closed terminal (SIGHUP) is a wish to stop too. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function stopSignals(): StopSignals {
  const stop = new AbortController();
  let second: (() => void) | undefined;
  const listener = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) second?.();
    else stop.abort(new Error(`stopped by ${name}`));
  };
  for (const name of STOP_SIGNALS) process.on(name, listener);
  return {
    signal: stop.signal,
    first: new Promise((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true })),
    onSecond: (run) => {
      second = run;
    },
    [Symbol.dispose]: () => {
      for (const name of STOP_SIGNALS) process.off(name, listener);
    },
  };
}
