import { DATASET_KINDS, datasetSchema, RefusedInputError, type DatasetKind } from '#contracts';
import type { DatasetSurvey } from '#dataset';
import { Command, Option } from 'commander';
import type { CommandIo, CommandSetup } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { countDisplay } from '../../output/count-display.js';
import { runLongAction } from '../../action/run-action.js';
import { examineImages, type Examination } from './examine-images.js';
import { packCommand } from './pack-command.js';
import type { Inspection } from './survey-text.js';

const HELP = `
Every file is opened and its two ends are checked (format, size, end-of-image mark); validation images of which training has
a copy are found by their bytes. Nothing is changed. A broken file stops a run unless its spec says "unreadable": "skip".

Exit codes: 0 fit for training, 2 not (every fault is named).

Examples:
  skiplane data inspect data/shapes
  skiplane data inspect data/photos --decode --deep
  skiplane data inspect cifar-100-binary --labels coarse
  skiplane data inspect /datasets/imagenet --json | jq .faults`;

interface InspectFlags {
  readonly kind?: DatasetKind;
  readonly labels?: 'fine' | 'coarse';
  readonly decode: boolean;
  readonly deep: boolean;
  readonly json: boolean;
}

/** `skiplane data`: `inspect PATH` tells what there is to know of a data set before training on it; `pack` packs one. */
export function dataCommand({ io }: CommandSetup): Command {
  const inspectCommand = new Command('inspect')
    .description('count the classes and images of a data set and list its faults')
    .argument('<path>', 'its folder')
    .addOption(new Option('--kind <kind>', 'default: what the folder looks like').choices(DATASET_KINDS))
    .addOption(new Option('--labels <labels>', 'of cifar100 (default: fine)').choices(['fine', 'coarse']))
    .option('--decode', 'decode every image, several at once, and name those that cannot be', false)
    .option('--deep', 'also find validation images that look like one of training; decodes every image', false)
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((path: string, flags: InspectFlags) =>
      runLongAction(io, flags, (signal) => inspect(path, flags, io, signal)),
    );
  return new Command('data')
    .description('inspect and pack data sets')
    .addCommand(inspectCommand)
    .addCommand(packCommand(io));
}

async function inspect(path: string, flags: InspectFlags, io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const { detectDatasetKind, surveyDataset } = await import('#dataset');
  const { readStoreSettings } = await import('#stores');
  const { surveyText } = await import('./survey-text.js');
  const kind = flags.kind ?? (await detectDatasetKind(path));
  if (flags.labels !== undefined && kind !== 'cifar100') {
    throw new RefusedInputError(`${path} is of kind ${kind}`, [
      { path: '--labels', message: 'only cifar100 has two sets of labels' },
    ]);
  }
  const spec = datasetSchema.parse({ kind, path, ...(flags.labels === undefined ? {} : { labels: flags.labels }) });
  let survey: DatasetSurvey;
  let examination: Examination | null = null;
  {
    using display = countDisplay({ terminal: io.terminal, note: (line) => io.err(line) });
    survey = await surveyDataset(spec, {
      signal,
      stores: readStoreSettings(process.env),
      onProgress: ({ split, numSamples }) =>
        display.show(() => `${split}: ${numSamples.toLocaleString('en-US')} images looked at`),
      examine: async (splits) => {
        const show = (words: () => string): void => display.show(words);
        examination = await examineImages(splits, spec, { decode: flags.decode, deep: flags.deep, signal, show });
      },
    });
  }
  const inspection: Inspection = { ...survey, examination };
  io.out(flags.json ? JSON.stringify(inspection) : surveyText(inspection));
  const numUndecodable = inspection.examination?.undecodable?.length ?? 0;
  return survey.faults.length + survey.broken.length + numUndecodable === 0 ? EXIT.ok : EXIT.refused;
}
