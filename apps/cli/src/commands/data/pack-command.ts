import { Command } from 'commander';
import { RefusedInputError, type DatasetSpec } from '#contracts';
import type { Dataset, PackResult, Shrink } from '#dataset';
import type { CommandIo } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { runLongAction } from '../../action/run-action.js';
import { addDatasetFlags, datasetOf } from '../../flags/dataset-flags.js';
import type { FlagValues } from '../../flags/flag-table.js';
import { wholeNumber } from '../../flags/whole-number.js';
import { countDisplay, type CountDisplay } from '../../output/count-display.js';
import { packText } from './pack-text.js';

const HELP = `
Shards are tars of images and their labels (.cls); their index lies beside them, so opening walks through no tar. Training
images lie in an order by --seed, validation images as in SOURCE. A shard is whole or not there. After a kill the same call
goes on; a call on a finished pack makes what is missing. Train on it with { "kind": "webdataset", "path": DEST }.

Without --shorter-side images keep their bytes (pixels of CIFAR become PNG). With it, larger ones become JPEG files of RGB with
that shorter side, turned upright as EXIF says; smaller ones keep their bytes.

Exit codes: 0 packed, 2 SOURCE or DEST refused (every fault is named), 6 --verify found damage.

Examples:
  skiplane data pack data/imagenet packed --shorter-side 400 --quality 90 --verify
  skiplane data pack photos packed --validation-share 0.1
  skiplane data pack s3://bucket/photos packed --kind image-folder --json`;

interface PackFlags extends FlagValues {
  readonly shardSize: number;
  readonly seed: number;
  readonly shorterSide?: number;
  readonly quality?: number;
  readonly verify: boolean;
  readonly json: boolean;
}

/** `skiplane data pack SOURCE DEST`: any data set as WebDataset shards with an index. */
export function packCommand(io: CommandIo): Command {
  const command = new Command('pack')
    .description('pack a data set into tar shards with an index')
    .argument('<source>', 'folder or address of the data set')
    .argument('<dest>', 'an empty or new folder, or that of the same pack');
  return addDatasetFlags(command)
    .option('--shard-size <MiB>', 'about the size of a shard', wholeNumber(1, 100_000), 256)
    .option('--seed <n>', 'of the order of the training images', wholeNumber(0, 0xffff_ffff), 0)
    .option('--shorter-side <pixels>', 'make larger images smaller', wholeNumber(1, 65_535))
    .option('--quality <percent>', 'of JPEG files that are made smaller (default: 90)', wholeNumber(1, 100))
    .option('--verify', 'then read every shard and compare it with its hash and index', false)
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((source: string, dest: string, flags: PackFlags) =>
      runLongAction(io, flags, (signal) => pack({ source, dest, flags }, io, signal)),
    );
}

interface PackCall {
  readonly source: string;
  readonly dest: string;
  readonly flags: PackFlags;
}

async function pack({ source, dest, flags }: PackCall, io: CommandIo, signal: AbortSignal): Promise<ExitCode> {
  const { verifyPack } = await import('#dataset');
  const shrink = shrinkOf(flags);
  const spec = await datasetOf(source, flags, signal);
  let result: PackResult;
  let skipped: Dataset['skipped'];
  let faults: Awaited<ReturnType<typeof verifyPack>> | null = null;
  {
    using display = countDisplay({ terminal: io.terminal, note: (line) => io.err(line) });
    const dataset = await opened(spec, display, signal);
    skipped = dataset.skipped;
    try {
      result = await packed(dataset, { spec, dest, flags, shrink, display, signal });
    } finally {
      await Promise.all([dataset.train.close(), dataset.validation.close()]);
    }
    if (flags.verify) {
      faults = await verifyPack(dest, {
        signal,
        onProgress: ({ numShards, numAll }) =>
          display.show(() => `${counted(numShards)} of ${counted(numAll)} shards verified`),
      });
    }
  }
  const report = { path: dest, source, shrink, ...result, skipped, faults };
  io.out(flags.json ? JSON.stringify(report) : packText(report));
  return (faults ?? []).length === 0 ? EXIT.ok : EXIT.differs;
}

function shrinkOf({ shorterSide, quality }: PackFlags): Shrink | null {
  if (shorterSide !== undefined) return { shorterSide, quality: quality ?? 90 };
  if (quality === undefined) return null;
  throw new RefusedInputError('--quality has no effect without --shorter-side', [
    { path: '--quality', message: 'needs --shorter-side: other images keep their bytes' },
  ]);
}

async function opened(spec: DatasetSpec, display: CountDisplay, signal: AbortSignal): Promise<Dataset> {
  const { openDataset } = await import('#dataset');
  const { readStoreSettings } = await import('#stores');
  return await openDataset(spec, {
    signal,
    stores: readStoreSettings(process.env),
    onProgress: ({ split, numSamples }) => display.show(() => `${split}: ${counted(numSamples)} images looked at`),
  });
}

interface Packing extends Pick<PackCall, 'dest' | 'flags'> {
  readonly spec: DatasetSpec;
  readonly shrink: Shrink | null;
  readonly display: CountDisplay;
  readonly signal: AbortSignal;
}

async function packed(dataset: Dataset, { spec, dest, flags, shrink, display, signal }: Packing): Promise<PackResult> {
  const { orientationOf, packDataset } = await import('#dataset');
  const { makeDecoder, sampleEncoder } = await import('#data-loading');
  const decoder = await makeDecoder('portable');
  return await packDataset(dataset, dest, {
    kind: spec.kind,
    seed: flags.seed,
    shardBytes: flags.shardSize * 2 ** 20,
    shrink,
    encode: sampleEncoder({ decoder, orientation: orientationOf(spec), shrink }),
    signal,
    onProgress: ({ numSamples, numAll }) =>
      display.show(() => `${counted(numSamples)} of ${counted(numAll)} images packed`),
  });
}

function counted(value: number): string {
  return value.toLocaleString('en-US');
}
