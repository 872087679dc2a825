import { once } from 'node:events';
import { hideSecrets } from '#telemetry';
import { Command, Option } from 'commander';
import { wholeNumber } from '../flags/whole-number.js';
import type { CommandIo, CommandSetup } from '../action/command-io.js';
import { EXIT, type ExitCode } from '../action/exit-codes.js';
import { consoleProgress } from '../output/console-progress.js';
import { runAction } from '../action/run-action.js';
import type { Stack } from '../local-stack/index.js';

interface UpOptions {
  readonly workers?: number;
  readonly engines?: number;
  readonly parameterServers: number;
  readonly port?: number;
  readonly redisPort?: number;
  readonly device?: 'auto' | 'cpu';
}

const EXAMPLE = `
Redis is started unless REDIS_URL names one. What else the environment may say is a table in README.md; all processes
read it, but for SKIPLANE_PARAMETER_SERVERS, as they start their own. A process that dies is started again; Ctrl-C stops workers, servers, coordinator and Redis in this order.

Example:
  skiplane up
  skiplane up --workers 2 --port 3100`;

/** `skiplane up`: the stack on this machine, until it is stopped. */
export function upCommand({ io }: CommandSetup): Command {
  return new Command('up')
    .description('start the stack on this machine: Redis, coordinator, parameter servers, workers')
    .option('--workers <n>', 'worker processes (default: one per GPU, or one)', wholeNumber(0))
    .option(
      '--engines <n>',
      'lanes at once of a worker (default: SKIPLANE_ENGINES, or the cores split among the workers)',
      wholeNumber(1),
    )
    .option('--parameter-servers <n>', 'parameter server processes', wholeNumber(1), 2)
    .option('--port <n>', 'port of API and dashboard (default: PORT, or 3000)', wholeNumber(0))
    .option('--redis-port <n>', 'port of the embedded Redis (default: a free one)', wholeNumber(1))
    .addOption(
      new Option('--device <kind>', 'cpu leaves the GPUs alone (default: SKIPLANE_DEVICE, or auto)').choices([
        'auto',
        'cpu',
      ]),
    )
    .addHelpText('after', EXAMPLE)
    .action((options: UpOptions) => runAction(io, {}, () => up(options, io)));
}

async function up(options: UpOptions, io: CommandIo): Promise<ExitCode> {
  const { foreignRedis, provisionStack, readLaunchConfig, startStack } = await import('../local-stack/index.js');
  const config = readLaunchConfig(process.env);
  const note = (line: string): void => io.err(line);
  using wish = io.interrupts();
  const { signal } = wish;
  try {
    // Provisioning takes its time.
    if (config.redisUrl !== undefined) await foreignRedis(config.redisUrl);
    await provisionStack(config, consoleProgress(note), signal);
    const stack = await startStack({
      dataDirectory: config.dataDirectory,
      parameterServers: options.parameterServers,
      logLimits: config.logLimits,
      note,
      signal,
      ...given({ redisUrl: config.redisUrl, port: options.port ?? config.port }),
      ...given({
        device: options.device,
        workers: options.workers,
        engines: options.engines,
        redisPort: options.redisPort,
      }),
    });
    announce(stack, config.dataDirectory, io);
    await aborted(signal);
    note('stopping (Ctrl-C again: at once) ...');
    wish.onAgain(() => void stack.killAll());
    await stack.stop();
    return EXIT.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    return EXIT.interrupted;
  }
}

/** A stack may run for months, so this alone waits without a limit. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** The entries that have a value: an absent option is left out, not passed as undefined. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> };
function given(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function announce(stack: Stack, dataDirectory: string, io: CommandIo): void {
  const count = stack.workers().length;
  io.out(`Skiplane is up: ${stack.url}  (dashboard; API documentation at ${stack.url}/docs)`);
  io.out(
    `  Redis ${hideSecrets(stack.redisUrl)}, ${count} worker${count === 1 ? '' : 's'}, data and logs in ${dataDirectory}`,
  );
  for (const { name, pid } of stack.processes()) io.out(`  ${name.padEnd(20)} pid ${pid ?? '-'}`);
  io.out('Ctrl-C stops it.');
}
