import { Command, Option } from 'commander';
import { consoleProgress } from '../output/console-progress.js';
import { printNote } from '../output/print-line.js';
import { runLongAction } from '../action/run-action.js';

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
      await runLongAction(async (signal) => {
        const { provisionStack, readStackConfig } = await import('../local-stack/index.js');
        await provisionStack(readStackConfig(process.env), consoleProgress(printNote), signal, {
          needsRedis: redis,
          ...(tensorflow === undefined ? {} : { tensorflow }),
        });
        return 0;
      });
    });
}
