import { Command, Option } from 'commander';
import { consoleProgress } from '../output/console-progress.js';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { runLongAction } from '../action/run-action.js';

interface ProvisionFlags {
  readonly tensorflow?: 'cpu' | 'gpu';
  readonly redis: boolean;
}

/** `skiplane provision`: gets TensorFlow and Redis ahead of time, for images and for machines that go offline. */
export function provisionCommand({ io }: CommandSetup): Command {
  return new Command('provision')
    .description('get TensorFlow and Redis where this machine lacks them, and keep them in the cache')
    .addOption(
      new Option(
        '--tensorflow <variant>',
        'for which device, whatever this machine has (default: gpu where a driver shows one)',
      ).choices(['cpu', 'gpu']),
    )
    .option('--no-redis', 'leave Redis out, for machines that use another one')
    .action(({ tensorflow, redis }: ProvisionFlags) =>
      runLongAction(io, {}, async (signal) => {
        const { provisionStack, readStackConfig } = await import('../local-stack/index.js');
        await provisionStack(
          readStackConfig(process.env),
          consoleProgress((line) => io.err(line)),
          signal,
          {
            needsRedis: redis,
            ...(tensorflow === undefined ? {} : { tensorflow }),
          },
        );
        return EXIT.ok;
      }),
    );
}
