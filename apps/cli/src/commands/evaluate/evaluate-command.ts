import { RefusedInputError, type EvaluationProtocol, type CheckpointName } from '#contracts';
import { type Command, Option } from 'commander';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import { checkpointName } from '../../flags/checkpoint-name.js';
import { wholeNumber } from '../../flags/whole-number.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { idempotencyKeyOption } from '../../flags/idempotency-key.js';
import type { FlagValues } from '../../flags/flag-table.js';
import { addDatasetFlags, datasetOf, givenDatasetFlags } from '../../flags/dataset-flags.js';
import { addModelFlags, givenFlags } from '../../flags/model-flags.js';
import { evaluateRun } from './evaluate-run.js';
import { localModels } from './local-models.js';
import { addProtocolFlags, protocolOf, type ProtocolFlags } from './protocol-flags.js';
import { resultText } from './result-text.js';

const EXAMPLES = `skiplane evaluate latest --protocol ten-crop
skiplane evaluate latest --ensemble 20261124-153012-4f9a 20261124-160500-11c2@400 --json
skiplane evaluate --weights resnet50.safetensors --model resnet50 --data /datasets/imagenet
skiplane evaluate --weights resnet101=a.safetensors resnet152=b.safetensors --data /datasets/imagenet \\
  --protocol multi-scale --flip`;

interface EvaluateFlags extends ClientFlags, ProtocolFlags, FlagValues {
  readonly step?: CheckpointName;
  readonly ema?: boolean;
  readonly ensemble: readonly string[];
  readonly weights?: readonly string[];
  readonly model?: string;
  readonly data?: string;
  readonly split: 'train' | 'val';
  readonly batchSize?: number;
  readonly idempotencyKey?: string;
  readonly classes: boolean;
}

/**
 * `skiplane evaluate`: the testing protocols of the paper, for a run by the workers of its coordinator, or for
 * weights files on this machine.
 */
export function evaluateCommand(setup: CommandSetup): Command {
  const command = clientCommand(
    'evaluate',
    'evaluate a run, or weights files on this machine, by center crop, 10-crop, multi-scale or as an ensemble',
    EXAMPLES,
  )
    .argument('[run]', 'id, unique prefix or latest')
    .option('--step <step>', 'of a run: checkpoint, its step, newest or best (default: newest)', checkpointName)
    .option('--ema', 'of runs: the running average of weights (default: where a run keeps one)')
    .option('--no-ema', 'of runs: the weights that training continues from')
    .option(
      '--ensemble <run...>',
      'of a run: others whose scores are averaged with its own; RUN@STEP: of a checkpoint',
      [],
    )
    .option(
      '--weights <[network=]file...>',
      'instead of a run: safetensors or .pth; several: an ensemble (skiplane weights inspect tells what they are)',
    )
    .option('--model <network>', 'of the weights that name none: see skiplane models')
    .option('--data <path>', 'with --weights: folder or address of the data set, which the flags below describe')
    .addOption(new Option('--split <split>', 'which images').choices(['val', 'train']).default('val'))
    .option('--batch-size <n>', "images per batch; default: 32, or the run's lane batch size", wholeNumber(1, 4096))
    .addOption(idempotencyKeyOption('evaluation'));
  return addModelFlags(addDatasetFlags(addProtocolFlags(command)))
    .option('--classes', 'show the accuracy of every class', false)
    .action((run: string | undefined, flags: EvaluateFlags) =>
      runClientAction(setup, flags, async (client) => {
        checkFlags(run, flags);
        const protocol = protocolOf(flags);
        const { split, step, ema, batchSize, idempotencyKey } = flags;
        if (run === undefined) return evaluateWeights(setup, flags, protocol);
        const given = { ...(step === undefined ? {} : { step }), ...(batchSize === undefined ? {} : { batchSize }) };
        return evaluateRun(client, setup.io, {
          reference: run,
          ensemble: flags.ensemble,
          ...(ema === undefined ? {} : { ema }),
          request: { protocol, split, ...given },
          showsClasses: flags.classes,
          json: flags.json,
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        });
      }),
    );
}

/** Flags of a run mean nothing for weights, and the other way round. */
function checkFlags(run: string | undefined, flags: EvaluateFlags): void {
  const { weights, data, model, step, ema, ensemble, idempotencyKey } = flags;
  const present = (named: Readonly<Record<string, unknown>>): string[] =>
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const ofWeights = [
    ...givenFlags(flags),
    ...givenDatasetFlags(flags),
    ...present({ '--weights': weights, '--data': data, '--model': model }),
  ];
  const ofRun = present({
    '--step': step,
    '--ema': ema,
    '--ensemble': ensemble.length === 0 ? undefined : ensemble,
    '--idempotency-key': idempotencyKey,
  });
  const missing = [weights === undefined ? ['--weights'] : [], data === undefined ? ['--data'] : []].flat();
  const faults =
    run === undefined
      ? [
          ...missing.map((path) => ({ path, message: 'is missing: name a run, or weights and data' })),
          ...ofRun.map((path) => ({ path, message: 'is of a run, and none is named' })),
        ]
      : ofWeights.map((path) => ({ path, message: 'means nothing for a run: its spec says it' }));
  if (faults.length > 0) throw new RefusedInputError('nothing to evaluate', faults);
}

async function evaluateWeights(
  { io }: CommandSetup,
  flags: EvaluateFlags,
  protocol: EvaluationProtocol,
): Promise<ExitCode> {
  const { weights = [], data = '', split, batchSize = 32 } = flags;
  const { evaluateLocally } = await import('./evaluate-locally.js');
  using interrupts = io.interrupts();
  const dataset = await datasetOf(data, flags, interrupts.signal);
  const result = await evaluateLocally(
    {
      models: localModels(weights, flags.model, flags),
      dataset,
      split,
      protocol,
      batchSize,
      showsProgress: io.terminal !== null,
    },
    interrupts.signal,
  );
  io.out(flags.json ? JSON.stringify(result) : resultText(result, flags.classes));
  return EXIT.ok;
}
