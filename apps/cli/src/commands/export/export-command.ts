import { stat } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import {
  EXPORT_FORMAT_NAMES,
  EXPORT_FORMATS,
  RefusedInputError,
  type ExportFormat,
  type CheckpointName,
} from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import { checkpointName } from '../../flags/checkpoint-name.js';
import type { CommandSetup } from '../../action/command-io.js';
import { addEmaFlags, givenEmaFlag, type EmaFlags } from '../../flags/ema-flags.js';
import { EXIT } from '../../action/exit-codes.js';
import { formatBytes } from '../../output/quantities.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import type { FlagValues } from '../../flags/flag-table.js';
import { addModelFlags, givenFlags, modelOf } from '../../flags/model-flags.js';
import { readClassNames } from '../../flags/class-names.js';
import { networkOfFile, networkOfRun, type NetworkToExport } from './exported-network.js';
import { writeExport } from './write-export.js';

const EXAMPLES = `skiplane export latest --format savedmodel -o served/1
skiplane export latest --format onnx -o model.onnx --step 400
skiplane export latest --format onnx -o s3://bucket/models/shapes.onnx
skiplane export resnet50.safetensors --model resnet50 --format tfjs -o web/model`;

interface ExportFlags extends ClientFlags, FlagValues, EmaFlags {
  readonly format: ExportFormat;
  readonly output: string;
  readonly step?: CheckpointName;
  readonly model?: string;
  readonly classes?: string;
}

/** `skiplane export`: a trained network in the format of another program. */
export function exportCommand(setup: CommandSetup): Command {
  const command = clientCommand('export', `write the network of a run or of a weights file as ${labels()}`, EXAMPLES)
    .argument('<run|file>', 'a run (id, unique prefix or latest) or a weights file (safetensors, .pth)')
    .addOption(new Option('--format <format>', 'what to write').choices(EXPORT_FORMAT_NAMES).makeOptionMandatory())
    .requiredOption(
      '-o, --output <path>',
      'folder or file to write, depending on the format, on disk or s3://…; it appears once complete',
    )
    .option('--step <step>', 'of a run: checkpoint, its step, newest or best (default: newest)', checkpointName)
    .option('--model <network>', 'of a file: see skiplane models')
    .option(
      '--classes <file>',
      'for a weights file: text file with one class name per line, in the order of the outputs',
    );
  return addModelFlags(addEmaFlags(command)).action((source: string, flags: ExportFlags) =>
    runClientAction(setup, flags, async (client) => {
      const { model, origin } = await networkOf(client, source, flags);
      const { exportModel } = await import('#export');
      const files = exportModel(model, flags.format);
      await writeExport(flags.output, files, EXPORT_FORMATS[flags.format].isFolder);
      const sizeBytes = files.reduce((total, { bytes }) => total + bytes.length, 0);
      const { format, output } = flags;
      setup.io.out(
        flags.json
          ? JSON.stringify({ ...origin, format, output, files: files.map(({ path }) => path), sizeBytes })
          : `${output}: ${format} of ${model.network.architecture}${origin ? `, step ${origin.step}${origin.weights === 'average' ? ', averaged weights' : ''}` : ''}, ${formatBytes(sizeBytes)}`,
      );
      return EXIT.ok;
    }),
  );
}

/** `SavedModel, TensorFlow.js, ONNX or safetensors`. */
function labels(): string {
  return new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
    EXPORT_FORMAT_NAMES.map((format) => EXPORT_FORMATS[format].label),
  );
}

/** A name that is a file is one; every other name is a run's. */
async function networkOf(client: SkiplaneClient, source: string, flags: ExportFlags): Promise<NetworkToExport> {
  const isFile = await stat(source).then(
    (found) => found.isFile(),
    () => false,
  );
  const { step, model, classes } = flags;
  if (!isFile) {
    const ofFile = [
      ...givenFlags(flags),
      ...(model === undefined ? [] : ['--model']),
      ...(classes === undefined ? [] : ['--classes']),
    ];
    if (ofFile.length > 0) {
      const message = `means nothing for a run, and there is no file ${source}`;
      throw new RefusedInputError(
        `${source} is taken for a run`,
        ofFile.map((path) => ({ path, message })),
      );
    }
    return networkOfRun(client, source, { step, ema: flags.ema });
  }
  const faults = [
    ...(model === undefined ? [{ path: '--model', message: 'is missing: which network are these weights of?' }] : []),
    ...(step === undefined ? [] : [{ path: '--step', message: 'is of a run' }]),
    ...givenEmaFlag(flags).map((path) => ({ path, message: 'is of a run' })),
  ];
  if (faults.length > 0 || model === undefined) throw new RefusedInputError(`${source} is a weights file`, faults);
  const options = modelOf(model, flags);
  return networkOfFile(source, options, await readClassNames(classes, options.numClasses));
}
