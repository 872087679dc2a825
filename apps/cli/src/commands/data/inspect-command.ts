import { join } from 'node:path';
import { Command } from 'commander';
import type { DatasetSurvey } from '#dataset';
import type { CommandIo } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { runLongAction } from '../../action/run-action.js';
import { addDatasetFlags, datasetOf } from '../../flags/dataset-flags.js';
import type { FlagValues } from '../../flags/flag-table.js';
import { countDisplay } from '../../output/count-display.js';
import { examineImages, type Examination } from './examine-images.js';
import type { Inspection } from './survey-text.js';

const HELP = `
Every file is opened and its two ends are checked (format, size, end-of-image mark); validation images of which training has
a copy are found by their bytes. Nothing is changed. A broken file stops a run unless its spec says "unreadable": "skip".
PATH is a folder, https://… or s3://bucket/prefix. What was found is kept for the next call, which opens what has changed.

Exit codes: 0 fit for training, 2 not (every fault is named).

Examples:
  skiplane data inspect data/shapes
  skiplane data inspect data/photos --decode --deep
  skiplane data inspect cifar-100-binary --labels coarse
  skiplane data inspect photos --validation-share 0.1
  skiplane data inspect s3://bucket/shards --train-shards 'train-{000..146}.tar' --validation-shards 'val-{00..06}.tar'
  skiplane data inspect /datasets/imagenet --json | jq .faults`;

interface InspectFlags extends FlagValues {
  readonly decode: boolean;
  readonly deep: boolean;
  readonly anew: boolean;
  readonly json: boolean;
}

/** Surveys of data sets that nobody asked for since then go. */
const KEPT_MS = 90 * 86_400_000;

/** `skiplane data inspect PATH`: what there is to know of a data set before training on it. */
export function inspectCommand(io: CommandIo): Command {
  const command = new Command('inspect')
    .description('count the classes and images of a data set and list its faults')
    .argument('<path>', 'folder or address of the data set');
  return addDatasetFlags(command)
    .option('--decode', 'decode every image, several at once, and name those that cannot be', false)
    .option('--deep', 'also find validation images that look like one of training; decodes every image', false)
    .option('--anew', 'look at everything, whatever an earlier call found', false)
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((path: string, flags: InspectFlags) =>
      runLongAction(io, flags, (signal) => inspect(path, flags, io, signal)),
    );
}

async function inspect(path: string, flags: InspectFlags, io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const { removeUnusedDatasets, surveyDataset } = await import('#dataset');
  const { readStoreSettings } = await import('#stores');
  const { defaultCacheDirectory } = await import('#provision');
  const { surveyText } = await import('./survey-text.js');
  const spec = await datasetOf(path, flags, signal);
  const keptFolder = join(defaultCacheDirectory(process.env), 'surveys');
  let survey: DatasetSurvey;
  let examination: Examination | null = null;
  {
    using display = countDisplay({ terminal: io.terminal, note: (line) => io.err(line) });
    survey = await surveyDataset(spec, {
      signal,
      stores: readStoreSettings(process.env),
      ...(!flags.anew && { keptFolder }),
      onProgress: ({ split, numSamples }) =>
        display.show(() => `${split}: ${numSamples.toLocaleString('en-US')} images looked at`),
      examine: async (splits) => {
        const show = (words: () => string): void => display.show(words);
        examination = await examineImages(splits, spec, { decode: flags.decode, deep: flags.deep, signal, show });
      },
    });
  }
  await removeUnusedDatasets(keptFolder, { usedBefore: Date.now() - KEPT_MS, isNeeded: () => false });
  const inspection: Inspection = { ...survey, examination };
  io.out(flags.json ? JSON.stringify(inspection) : surveyText(inspection));
  const numUndecodable = inspection.examination?.undecodable?.length ?? 0;
  return survey.faults.length + survey.broken.length + numUndecodable === 0 ? EXIT.ok : EXIT.refused;
}
