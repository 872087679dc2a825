import { ARCHITECTURES, RefusedInputError } from '#contracts';
import type { Command } from 'commander';
import { runCommandAction } from '../run-command-action.js';
import { addModelFlags, givenFlags, modelOf, type ModelFlags } from './model-flags.js';

const HELP = `
PARAMETERS counts what is learned: kernels, gamma, beta, the head's bias.
MULTIPLY-ADDS counts convolutions and head of one image's forward pass, as the paper's Table 1 does.
MEMORY/IMAGE is what one image of a batch holds until its backward pass: each float32 activation that a
convolution, a batch normalisation, a ReLU, a max-pool or the head reads again, once. Weights, momentum,
gradients and TensorFlow's workspace come on top.
--measure reports what making and starting the network costs here: the node list, the graph's encoding,
its loading, and a training step on one image (TensorFlow optimises the graph in the first), on one core.

Examples:
  skiplane models
  skiplane models resnet50 --variant v1 --shortcut C --json
  skiplane models resnet1202 --measure`;

interface ModelsFlags extends ModelFlags {
  readonly json: boolean;
  readonly measure: boolean;
}

/** Adds `skiplane models`: the networks that can be trained, in numbers. Loads no TensorFlow but in a child process. */
export function registerModelsCommand(program: Command): void {
  const command = program
    .command('models')
    .description('list the networks and what they cost, or show one layer by layer')
    .argument('[name]', 'one network in full');
  addModelFlags(command)
    .option('--measure', 'build, load and step the network in TensorFlow and report times and memory', false)
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((name: string | undefined, flags: ModelsFlags) => runCommandAction(() => models(name, flags)));
}

async function models(name: string | undefined, flags: ModelsFlags): Promise<number> {
  const { modelReport, modelsTable, modelText } = await import('./model-report.js');
  if (name === undefined) {
    const lone = [...givenFlags(flags), ...(flags.measure ? ['--measure'] : [])];
    if (lone.length > 0) {
      const message = 'is about one network: name it, e.g. skiplane models resnet50';
      throw new RefusedInputError(
        'no network is named',
        lone.map((path) => ({ path, message })),
      );
    }
    const reports = ARCHITECTURES.map((architecture) => modelReport(modelOf(architecture, {})));
    // The list leaves the layers to the call that names a network.
    const isShown = (key: string, value: unknown): unknown => (key === 'layers' ? undefined : value);
    console.log(flags.json ? JSON.stringify(reports, isShown) : modelsTable(reports));
    return 0;
  }
  const model = modelOf(name, flags);
  if (flags.measure) {
    const { measureModel, measurementText } = await import('./measure.js');
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort(new Error('interrupted')));
    const measured = await measureModel(model, stop.signal);
    console.log(flags.json ? JSON.stringify(measured) : measurementText(measured));
    return 0;
  }
  const report = modelReport(model);
  console.log(flags.json ? JSON.stringify(report) : modelText(report));
  return 0;
}
