import { DATASET_KINDS, datasetSchema, RefusedInputError, type DatasetKind } from '#contracts';
import type { DatasetSurvey } from '#dataset';
import { type Command, Option } from 'commander';
import { EXIT } from '../../action/exit-codes.js';
import { countDisplay } from '../../output/count-display.js';
import { printNote, printResult } from '../../output/print-line.js';
import { runLongAction } from '../../action/run-action.js';

const HELP = `
Every file is opened and its two ends are checked (format, size, end-of-image mark); nothing is decoded or changed.
A broken file stops a run unless its spec says "unreadable": "skip".

Exit codes: 0 fit for training, 2 not (every fault is named).

Examples:
  skiplane data inspect data/shapes
  skiplane data inspect cifar-100-binary --labels coarse
  skiplane data inspect /datasets/imagenet --json | jq .faults`;

interface InspectFlags {
  readonly kind?: DatasetKind;
  readonly labels?: 'fine' | 'coarse';
  readonly json: boolean;
}

/** Adds `skiplane data`: what there is to know of a data set before training on it. */
export function registerDataCommand(program: Command): void {
  program
    .command('data')
    .description('look at data sets')
    .command('inspect')
    .description('count classes and images of a data set and name what is wrong with it')
    .argument('<path>', 'its folder')
    .addOption(new Option('--kind <kind>', 'default: what the folder looks like').choices(DATASET_KINDS))
    .addOption(new Option('--labels <labels>', 'of cifar100 (default: fine)').choices(['fine', 'coarse']))
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((path: string, flags: InspectFlags) => runLongAction((signal) => inspect(path, flags, signal), flags));
}

async function inspect(path: string, flags: InspectFlags, signal: AbortSignal): Promise<number> {
  const { detectDatasetKind, surveyDataset } = await import('#dataset');
  const { surveyText } = await import('./survey-text.js');
  const kind = flags.kind ?? (await detectDatasetKind(path));
  if (flags.labels !== undefined && kind !== 'cifar100') {
    throw new RefusedInputError(`${path} is of kind ${kind}`, [
      { path: '--labels', message: 'only cifar100 has two sets of labels' },
    ]);
  }
  const spec = datasetSchema.parse({ kind, path, ...(flags.labels === undefined ? {} : { labels: flags.labels }) });
  const terminal = process.stderr.isTTY ? process.stderr : null;
  let survey: DatasetSurvey;
  {
    using display = countDisplay({ terminal, note: printNote });
    survey = await surveyDataset(spec, {
      signal,
      onProgress: ({ split, numSamples }) =>
        display.show(() => `${split}: ${numSamples.toLocaleString('en-US')} images looked at`),
    });
  }
  printResult(flags.json ? JSON.stringify(survey) : surveyText(survey));
  return survey.faults.length + survey.broken.length === 0 ? EXIT.ok : EXIT.refused;
}
