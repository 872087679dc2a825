import { DATASET_KINDS, datasetSchema, RefusedInputError, type DatasetKind, type EvaluationProtocol } from '#contracts';
import { type Command, Option } from 'commander';
import { wholeNumber } from '../client/client-command.js';
import { EXIT } from '../client/exit-codes.js';
import { addModelFlags, type ModelFlags } from '../models/model-flags.js';
import { runCommandAction } from '../run-command-action.js';
import { membersOf } from './members.js';
import { addProtocolFlags, protocolOf, type ProtocolFlags } from './protocol-flags.js';
import { resultText } from './result-text.js';

const HELP = `
Every image is counted once. Several weights files are an ensemble: their scores are averaged.

Examples:
  skiplane evaluate --weights resnet50.safetensors --model resnet50 --data /datasets/imagenet
  skiplane evaluate --weights a.safetensors b.safetensors --model resnet20 --data data/shapes --protocol ten-crop
  skiplane evaluate --weights resnet101=a.safetensors resnet152=b.safetensors --data /datasets/imagenet \\
    --protocol multi-scale --flip --json`;

interface EvaluateFlags extends ProtocolFlags, ModelFlags {
  readonly weights?: readonly string[];
  readonly model?: string;
  readonly data?: string;
  readonly kind?: DatasetKind;
  readonly labels?: 'fine' | 'coarse';
  readonly split: 'train' | 'val';
  readonly batchSize: number;
  readonly classes: boolean;
  readonly json: boolean;
}

/** Adds `skiplane evaluate`: the testing protocols of the paper. */
export function registerEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description(
      'evaluate weights files on a data set by a testing protocol: center crop, 10-crop, multi-scale, ensembles',
    )
    .option('--weights <[network=]file...>', 'safetensors with torchvision names')
    .option('--model <network>', 'of the weights that name none: see skiplane models')
    .option('--data <path>', 'folder of the data set')
    .addOption(new Option('--kind <kind>', 'default: what the folder looks like').choices(DATASET_KINDS))
    .addOption(new Option('--labels <labels>', 'of cifar100 (default: fine)').choices(['fine', 'coarse']))
    .addOption(new Option('--split <split>', 'which images').choices(['val', 'train']).default('val'))
    .option('--batch-size <n>', 'images that go through the network together', wholeNumber(1, 4096), 32);
  addModelFlags(addProtocolFlags(command))
    .option('--classes', 'show the accuracy of every class', false)
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((flags: EvaluateFlags) => runCommandAction(() => evaluate(flags, protocolOf(flags))));
}

async function evaluate(flags: EvaluateFlags, protocol: EvaluationProtocol): Promise<number> {
  const { weights, data, split, batchSize } = flags;
  if (weights === undefined || data === undefined) {
    const missing = [weights === undefined ? '--weights' : [], data === undefined ? '--data' : []].flat();
    throw new RefusedInputError(
      'nothing to evaluate',
      missing.map((path) => ({ path, message: 'is missing' })),
    );
  }
  const { detectDatasetKind } = await import('#dataset');
  const kind = flags.kind ?? (await detectDatasetKind(data));
  const labels = kind === 'cifar100' && flags.labels !== undefined ? { labels: flags.labels } : {};
  const { evaluateHere } = await import('./evaluate-here.js');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  const result = await evaluateHere(
    {
      members: membersOf(weights, flags.model, flags),
      dataset: datasetSchema.parse({ kind, path: data, ...labels }),
      split,
      protocol,
      batchSize,
      showsProgress: process.stderr.isTTY,
    },
    stop.signal,
  );
  console.log(flags.json ? JSON.stringify(result) : resultText(result, flags.classes));
  return EXIT.ok;
}
