import { Command, Option } from 'commander';
import { wholeNumber } from '../../flags/whole-number.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT_CODES_HELP } from '../../action/exit-codes.js';
import { runAction } from '../../action/run-action.js';
import type { DemoOptions } from './demo-options.js';
import type { ThisMachine } from '../../local-stack/this-machine.js';
import { runDemo } from './run-demo.js';

const EXAMPLE = `
Example:
  skiplane demo
  skiplane demo --workers 2 --epochs 3 --json
  skiplane demo --data ~/flowers --keep
${EXIT_CODES_HELP}`;

/** `skiplane demo`: a whole training run on this machine in one command. */
export function demoCommand(
  { io }: CommandSetup,
  // Loaded when it is asked for: the data set's image library and the stack would slow down every other command.
  loadMachine: () => Promise<ThisMachine> = async () => (await import('../../local-stack/this-machine.js')).thisMachine,
): Command {
  return new Command('demo')
    .description(
      'train ResNet-20 on this machine from scratch: install what is missing, start the stack, train, stop it',
    )
    .option('--workers <n>', 'worker processes', wholeNumber(1, 256), 1)
    .option(
      '--lanes <n>',
      'logical replicas of the network; the trained bits depend on it, not on --workers',
      wholeNumber(1, 256),
      4,
    )
    .option('--lane-batch-size <n>', 'images of a lane in a step', wholeNumber(1, 4096), 32)
    .option('--epochs <n>', 'passes over the data', wholeNumber(1, 10_000), 5)
    .option('--parameter-servers <n>', 'parameter server processes', wholeNumber(1, 64), 2)
    .option('--seed <n>', 'same seed, same weights on the same machine', wholeNumber(0, 0xffff_ffff), 1)
    .option('--data <folder>', 'folder with train/CLASS/*.jpg and val/CLASS/*.jpg, instead of the drawn shapes')
    .option('--port <n>', 'port of API and dashboard (default: 3000 if free, else a free one)', wholeNumber(1, 65_535))
    .addOption(new Option('--data-dir <folder>', 'where runs are recorded').env('SKIPLANE_DATA_DIR').default('./data'))
    .addOption(new Option('--api-key <key>', 'key the API shall ask for').env('SKIPLANE_API_KEY'))
    .option('--keep', 'keep the stack running after the run, until Ctrl-C', false)
    .option('--json', 'print the result as one line of JSON, the last of stdout', false)
    .addHelpText('after', EXAMPLE)
    .action((options: DemoOptions) => runAction(io, {}, async () => runDemo(options, io, await loadMachine())));
}
