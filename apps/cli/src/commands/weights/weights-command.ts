import { Command } from 'commander';
import { inspectCommand } from './inspect-command.js';
import {
  clientCommand,
  register,
  runClientCommand,
  wholeNumber,
  type ClientCommandSetup,
  type ClientOptions,
} from '../../action/client-command.js';
import { countDisplay } from '../../output/count-display.js';
import { downloadWeights } from '../../api-client/download-weights.js';
import { addEmaFlags, type EmaFlags } from '../../flags/ema-flags.js';
import { EXIT, EXIT_CODES_HELP } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import { formatBytes } from '../../output/quantities.js';

interface WeightsOptions extends ClientOptions, EmaFlags {
  readonly output: string;
  readonly step?: number;
}

/** `skiplane weights ID -o FILE`, which is `skiplane weights download`, and `skiplane weights inspect FILE`. */
export function weightsCommand(setup: ClientCommandSetup): Command {
  const group = new Command('weights')
    .usage('<run> -o <file> [options] | inspect <file> [options]')
    .description('download the weights of a run, or look into a file of weights')
    .addHelpText(
      'after',
      `\nExample:\n  ${EXAMPLE}\n  skiplane weights inspect weights.safetensors\n${EXIT_CODES_HELP}`,
    );
  register(group, setup, inspectCommand(setup));
  register(group, setup, downloadCommand(setup), { isDefault: true });
  return group;
}

const EXAMPLE = 'skiplane weights latest -o weights.safetensors';

function downloadCommand(setup: ClientCommandSetup): Command {
  const command = clientCommand(
    'download',
    'download the weights of a checkpoint (safetensors) and verify their SHA-256',
    EXAMPLE,
  )
    .argument('<run>', 'id, its unique beginning, or latest')
    .requiredOption('-o, --output <file>', 'file to write; it appears when it is whole and verified')
    .option('--step <n>', 'step of the checkpoint (default: the newest)', wholeNumber(0));
  return addEmaFlags(command).action((reference: string, options: WeightsOptions) =>
    runClientCommand(setup, options, async (client) => {
      const run = await findRun(client, reference);
      const { output, ema } = options;
      using display = countDisplay({ terminal: setup.io.terminal, note: (line) => setup.io.err(line) });
      const onBytes = (numBytes: number): void => display.show(() => `${formatBytes(numBytes)} downloaded`);
      const choice = { step: options.step, ema, onBytes };
      const { step, kind, sha256, sizeBytes } = await downloadWeights(client, run, output, choice);
      display[Symbol.dispose]();
      const averaged = kind === 'average' ? ', averaged weights' : '';
      setup.io.out(
        options.json
          ? JSON.stringify({ runId: run.id, file: output, step, weights: kind, sha256, sizeBytes })
          : `${output}: step ${step}${averaged}, ${formatBytes(sizeBytes)}, SHA-256 ${sha256} verified`,
      );
      return EXIT.ok;
    }),
  );
}
