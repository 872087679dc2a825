import { Command } from 'commander';
import { inspectCommand } from './inspect-command.js';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CheckpointName } from '#contracts';
import { checkpointName } from '../../flags/checkpoint-name.js';
import type { CommandSetup } from '../../action/command-io.js';
import { countDisplay } from '../../output/count-display.js';
import { downloadWeights } from '../../api-client/download-weights.js';
import { addEmaFlags, type EmaFlags } from '../../flags/ema-flags.js';
import { EXIT, EXIT_CODES_HELP } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import { formatBytes } from '../../output/quantities.js';

interface WeightsOptions extends ClientFlags, EmaFlags {
  readonly output: string;
  readonly step?: CheckpointName;
}

/** `skiplane weights ID -o FILE`, which is `skiplane weights download`, and `skiplane weights inspect FILE`. */
export function weightsCommand(setup: CommandSetup): Command {
  const group = new Command('weights')
    .usage('<run> -o <file> [options] | inspect <file> [options]')
    .description('download the weights of a run, or inspect a weights file')
    .addHelpText(
      'after',
      `\nExample:\n  ${EXAMPLE}\n  skiplane weights inspect weights.safetensors\n${EXIT_CODES_HELP}`,
    );
  group.addCommand(inspectCommand(setup));
  group.addCommand(downloadCommand(setup), { isDefault: true });
  return group;
}

const EXAMPLE = 'skiplane weights latest -o weights.safetensors';

function downloadCommand(setup: CommandSetup): Command {
  const command = clientCommand(
    'download',
    'download the weights of a checkpoint (safetensors) and verify their SHA-256',
    EXAMPLE,
  )
    .argument('<run>', 'id, unique prefix or latest')
    .requiredOption('-o, --output <file>', 'file to write; it appears once complete and verified')
    .option('--step <step>', 'checkpoint: its step, newest or best (default: newest)', checkpointName);
  return addEmaFlags(command).action((reference: string, options: WeightsOptions) =>
    runClientAction(setup, options, async (client) => {
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
