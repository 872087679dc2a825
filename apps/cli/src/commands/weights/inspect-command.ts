import { Command } from 'commander';
import { RefusedInputError } from '#contracts';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT, EXIT_CODES_HELP } from '../../action/exit-codes.js';
import { runAction } from '../../action/run-action.js';
import type { FlagValues } from '../../flags/flag-table.js';
import { addModelFlags, givenFlags, modelOf } from '../../flags/model-flags.js';
import type { InspectedFile } from './inspection-text.js';

const HELP = `
Tells the network by the tensors in the file, or compares them with --model NAME and its flags. Names are
torchvision's and timm's, wherever trainers and wrappers put them (module., state_dict., model_ema.); floats of
16, 32 or 64 bits; counters or none; 1001 classes fit a network of 1000, the first is left out. Reads names and
shapes, not the numbers, and runs nothing of a pickle. Ends with 2 if something does not fit.

Example:
  skiplane weights inspect resnet50.safetensors
  skiplane weights inspect checkpoint.pth --model resnet20 --shortcut B --num-classes 10 --json
${EXIT_CODES_HELP}`;

interface InspectFlags extends FlagValues {
  readonly model?: string;
  readonly tensors: boolean;
  readonly json: boolean;
}

/** `skiplane weights inspect FILE` */
export function inspectCommand({ io }: CommandSetup): Command {
  const command = new Command('inspect')
    .description('identify the network of a weights file and list what does not fit')
    .argument('<file>', 'safetensors, or .pth, .pt, .ckpt or .bin as torch.save writes them')
    .option('--model <network>', 'compare with this network: see skiplane models');
  return addModelFlags(command)
    .option('--tensors', 'list the tensors', false)
    .option('--json', 'print the result, tensors included, as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((file: string, flags: InspectFlags) =>
      runAction(io, flags, async () => {
        const inspected = await inspect(file, flags);
        const { inspectionText } = await import('./inspection-text.js');
        io.out(flags.json ? JSON.stringify(inspected) : inspectionText(inspected, flags.tensors));
        return inspected.faults.length === 0 ? EXIT.ok : EXIT.refused;
      }),
    );
}

async function inspect(file: string, flags: InspectFlags): Promise<InspectedFile> {
  const lone = flags.model === undefined ? givenFlags(flags) : [];
  if (lone.length > 0) {
    const message = 'is of a network: name it with --model';
    throw new RefusedInputError(
      'no network is named',
      lone.map((path) => ({ path, message })),
    );
  }
  const asked = flags.model === undefined ? undefined : modelOf(flags.model, flags);
  const { inspectWeights, openWeights } = await import('#resnet');
  await using opened = await openWeights(file).catch((error: unknown) => {
    if (!(error instanceof RefusedInputError)) throw error;
    throw new RefusedInputError(`${file}: ${error.message}`, error.faults, { cause: error });
  });
  const { format, sizeBytes, tensors } = opened;
  return { file, format, sizeBytes, ...inspectWeights(tensors, asked) };
}
