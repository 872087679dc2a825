import { InvalidArgumentError, Option, type Command } from 'commander';
import { orientationSchema, RefusedInputError, type Orientation, type CheckpointName } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import { checkpointName } from '../../flags/checkpoint-name.js';
import { wholeNumber } from '../../flags/whole-number.js';
import type { CommandSetup } from '../../action/command-io.js';
import { addEmaFlags, type EmaFlags } from '../../flags/ema-flags.js';
import { EXIT } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { readClassNames } from '../../flags/class-names.js';
import type { FlagValues } from '../../flags/flag-table.js';
import { addModelFlags, givenFlags, modelOf } from '../../flags/model-flags.js';
import { overlayFiles, predictionText } from './file-prediction.js';
import { weightsFileOf } from './local-source.js';
import { predictByFile, predictByRun, type Answer, type Asked } from './predict-files.js';

const EXAMPLES = `skiplane predict cat.jpg dog.png --run latest --grad-cam overlays
skiplane predict cat.jpg --weights resnet50.safetensors --model resnet50 --classes imagenet.txt --json
skiplane predict cat.jpg --weights data/checkpoints/RUN/step-00000400 --model resnet20`;

interface PredictFlags extends ClientFlags, FlagValues, EmaFlags {
  readonly run?: string;
  readonly step?: CheckpointName;
  readonly weights?: string;
  readonly model?: string;
  readonly classes?: string;
  readonly orientation?: Orientation;
  readonly top: number;
  readonly gradCam?: string;
  readonly ofClass?: string;
}

/** `skiplane predict`: images shown to a run's network by its coordinator's workers, or to weights on this machine. */
export function predictCommand(setup: CommandSetup): Command {
  const command = clientCommand(
    'predict',
    "show images to a run's network, or to weights on this machine: the most probable classes, and where they were seen",
    EXAMPLES,
  )
    .argument('<file...>', 'JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF')
    .option('--run <run>', "id, unique prefix or latest; predicts on the run's workers")
    .option('--step <step>', 'of a run: checkpoint, its step, newest or best (default: newest)', checkpointName)
    .option('--weights <path>', 'instead of a run: safetensors or .pth, or the folder of a checkpoint')
    .option('--model <network>', 'of weights: see skiplane models')
    .option('--classes <file>', 'with --weights: text file with one class name per line, in the order of the outputs')
    .addOption(
      new Option('--orientation <how>', 'of weights: as their network was trained (default: upright)').choices(
        orientationSchema.options,
      ),
    )
    .option('--top <n>', 'so many classes', wholeNumber(1, 10_000), 5)
    .option('--grad-cam <folder>', 'also draw Grad-CAM overlays, as NAME.grad-cam.png', folder)
    .option('--of-class <class>', 'class of the overlay: name or index (default: the most probable class)');
  return addModelFlags(addEmaFlags(command)).action((files: readonly string[], flags: PredictFlags) =>
    runClientAction(setup, flags, async (client) => {
      checkFlags(flags);
      using interrupts = setup.io.interrupts();
      const asked: Asked = {
        files: [...new Set(files)],
        top: flags.top,
        overlays: flags.gradCam === undefined ? null : overlayFiles([...new Set(files)], flags.gradCam),
        ofClass: flags.ofClass,
        signal: interrupts.signal,
      };
      const predictions: Extract<Answer, { kind: 'prediction' }>[] = [];
      const faults: { path: string; message: string }[] = [];
      for await (const answer of await answersOf(client, flags, asked)) {
        if (answer.kind === 'refused') faults.push({ path: answer.file, message: answer.reason });
        else {
          predictions.push(answer);
          if (!flags.json) setup.io.out(predictionText(answer));
        }
      }
      if (flags.json) {
        const origin = predictions[0]?.origin ?? {};
        const made = predictions.map(({ kind: _kind, origin: _origin, ...prediction }) => prediction);
        setup.io.out(JSON.stringify({ ...origin, predictions: made }));
      }
      if (faults.length > 0)
        throw new RefusedInputError(`${faults.length} of ${asked.files.length} files were not predicted`, faults);
      return EXIT.ok;
    }),
  );
}

async function answersOf(client: SkiplaneClient, flags: PredictFlags, asked: Asked): Promise<AsyncGenerator<Answer>> {
  const { run, step, ema, weights, model, classes, orientation = 'upright' } = flags;
  if (run !== undefined) return predictByRun(client, await findRun(client, run), { step, ema }, asked);
  const options = modelOf(model ?? '', flags);
  const names = await readClassNames(classes, options.numClasses);
  const file = await weightsFileOf(weights ?? '', ema);
  return predictByFile({ model: options, weights: file, names, orientation }, asked);
}

/** Flags of a run mean nothing for weights, and the other way round; every fault at once. */
function checkFlags(flags: PredictFlags): void {
  const { run, step, weights, model, classes, orientation, gradCam, ofClass } = flags;
  const given = (named: Readonly<Record<string, unknown>>): string[] =>
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const faults: { path: string; message: string }[] = [];
  const refuse = (paths: readonly string[], message: string): void =>
    void faults.push(...paths.map((path) => ({ path, message })));
  if (run === undefined && weights === undefined) refuse(['--run'], 'is missing: name a run, or --weights and --model');
  if (run !== undefined) {
    refuse(
      [
        ...given({ '--weights': weights, '--model': model, '--classes': classes, '--orientation': orientation }),
        ...givenFlags(flags),
      ],
      'means nothing for a run: it knows its network and classes',
    );
  } else {
    refuse(given({ '--step': step }), 'is of a run, and none is named');
    if (weights !== undefined && model === undefined) {
      refuse(['--model'], 'is missing: which network are these weights of?');
    }
  }
  if (ofClass !== undefined && gradCam === undefined) refuse(['--of-class'], 'is of a drawing: give --grad-cam too');
  if (faults.length > 0) throw new RefusedInputError('nothing is predicted', faults);
}

function folder(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected the name of a folder.');
  return text;
}
