import { Command, Option } from 'commander';
import { consoleProgress } from './console-progress.js';
import { runCommandAction } from './run-command-action.js';

interface ProvisionCommandOptions {
  readonly tensorflow?: 'cpu' | 'gpu';
  readonly redis: boolean;
}

/** Adds `skiplane provision`: gets TensorFlow and Redis ahead of time, for images and for machines that go offline. */
export function registerProvisionCommand(program: Command): void {
  program
    .command('provision')
    .description('get TensorFlow and Redis where this machine lacks them, and keep them in the cache')
    .addOption(
      new Option(
        '--tensorflow <variant>',
        'for which device, whatever this machine has (default: gpu where a driver shows one)',
      ).choices(['cpu', 'gpu']),
    )
    .option('--no-redis', 'leave Redis out, for machines that use another one')
    .action(async ({ tensorflow, redis }: ProvisionCommandOptions) => {
      await runCommandAction(async () => {
        const { provisionStack, readStackConfig } = await import('./stack/index.js');
        const stop = new AbortController();
        process.once('SIGINT', () => stop.abort(new Error('interrupted; what was downloaded is kept')));
        await provisionStack(readStackConfig(process.env), consoleProgress(console.error), stop.signal, {
          needsRedis: redis,
          ...(tensorflow === undefined ? {} : { tensorflow }),
        });
        return 0;
      });
    });
}
