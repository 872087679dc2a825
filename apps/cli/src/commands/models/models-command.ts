import { ARCHITECTURES, RefusedInputError } from '#contracts';
import type { NetworkOptions } from '#resnet';
import { Command } from 'commander';
import type { CommandIo, CommandSetup } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { runLongAction } from '../../action/run-action.js';
import type { FlagValues } from '../../flags/flag-table.js';
import { addModelFlags, givenFlags, modelOf } from '../../flags/model-flags.js';
import type { Measurement } from './measurement.js';

const HELP = `
NAME is one of the list, resnetN or plainN of any other 6n+2 layers, or custom with --block, --stem,
--widths and --blocks. Several names are listed side by side.

PARAMETERS counts what is learned: kernels, gamma, beta, gates, the head's bias.
MULTIPLY-ADDS counts convolutions and head of one image's forward pass, as the paper's Table 1 does.
MEMORY/IMAGE is what one image of a batch holds until its backward pass: each float32 activation that a
convolution, a batch normalisation, a ReLU, a max-pool, a gate or the head reads again, once. Weights,
momentum, gradients and TensorFlow's workspace come on top.
--variants counts what other shortcuts make of the network: options, spans, gates, nested ones.
--measure reports what making and starting the network costs on this machine: the node list, the graph's encoding,
its loading, and a training step on one image (TensorFlow optimises the graph in the first), on one core.
Of several networks it shows what each further layer costs, which tells whether growth is linear.

Examples:
  skiplane models
  skiplane models resnet50 --variant v1 --shortcut C --json
  skiplane models custom --block basic --stem 3x3 --widths 16,32 --blocks 2,2 --gate channel
  skiplane models resnet20 --variants
  skiplane models resnet110 resnet656 resnet1202 --measure`;

interface ModelsFlags extends FlagValues {
  readonly json: boolean;
  readonly measure: boolean;
  readonly variants: boolean;
}

/** `skiplane models`: the networks that can be trained, in numbers. Loads no TensorFlow but in a child process. */
export function modelsCommand({ io }: CommandSetup): Command {
  const command = new Command('models')
    .description('list the networks with their cost, or show one layer by layer')
    .argument('[name...]', 'one network in full, or several side by side');
  return addModelFlags(command)
    .option('--variants', 'count the parameters with other shortcuts, spans and gates', false)
    .option('--measure', 'build, load and step the network in TensorFlow and report times and memory', false)
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((names: readonly string[], flags: ModelsFlags) =>
      runLongAction(io, flags, (signal) => models(names, flags, io, signal)),
    );
}

async function models(
  names: readonly string[],
  flags: ModelsFlags,
  io: CommandIo,
  signal: AbortSignal,
): Promise<ExitCode> {
  const [first, second] = names;
  const print = (result: unknown, text: () => string): ExitCode => {
    io.out(flags.json ? JSON.stringify(result) : text());
    return EXIT.ok;
  };
  if (first === undefined) refuseLone(flags);
  const asked = modelsOf(names.length === 0 ? ARCHITECTURES : names, flags);

  if (flags.measure) {
    const measured = await measureAll(asked, signal);
    const { measurementText } = await import('./measure.js');
    const { growthText } = await import('./growth.js');
    if (second !== undefined) return print(measured, () => growthText(measured));
    return print(measured[0], () => measured.map(measurementText).join('\n'));
  }
  if (flags.variants) {
    const { variantReports, variantsTable } = await import('./variants.js');
    const reports = asked.flatMap(variantReports);
    if (second !== undefined) throw new RefusedInputError('--variants is about one network');
    return print(reports, () => variantsTable(reports));
  }
  const { modelReport, modelsTable, modelText } = await import('./model-report.js');
  const reports = asked.map(modelReport);
  const [report] = reports;
  if (report !== undefined && names.length === 1) return print(report, () => modelText(report));
  // The list leaves the layers to the call that names a network.
  return print(
    reports.map((one) => ({ ...one, layers: undefined })),
    () => modelsTable(reports),
  );
}

/** Throws RefusedInputError with the faults of all names together. */
function modelsOf(names: readonly string[], flags: ModelsFlags): readonly NetworkOptions[] {
  const faults: RefusedInputError['faults'][number][] = [];
  const asked = names.flatMap((name) => {
    try {
      return [modelOf(name, flags)];
    } catch (error) {
      if (!(error instanceof RefusedInputError)) throw error;
      faults.push(...error.faults);
      return [];
    }
  });
  if (faults.length > 0) throw new RefusedInputError('there is no such network', faults);
  return asked;
}

function refuseLone(flags: ModelsFlags): void {
  const switches = [...(flags.measure ? ['--measure'] : []), ...(flags.variants ? ['--variants'] : [])];
  const lone = [...givenFlags(flags), ...switches];
  if (lone.length === 0) return;
  const message = 'is about one network: name it, e.g. skiplane models resnet50';
  throw new RefusedInputError(
    'no network is named',
    lone.map((path) => ({ path, message })),
  );
}

async function measureAll(asked: readonly NetworkOptions[], signal: AbortSignal): Promise<Measurement[]> {
  const { measureModel } = await import('./measure.js');
  // One after the other: they would take each other's cores.
  const measured: Measurement[] = [];
  for (const model of asked) measured.push(await measureModel(model, signal));
  return measured;
}
