import { PRECISIONS, type RunSpecInput } from '#contracts';
import type { StepBenchOptions } from '../../apps/cli/src/commands/bench/step-bench.js';
import type { LanesOptions, WayOfLanesInput } from './lanes/lanes-report.js';
import type { Target } from './target.js';
import type { XlaOptions } from './xla/xla-report.js';

/** How much is computed. */
export interface Sizes {
  readonly model: RunSpecInput['model'];
  readonly lanes: number;
  readonly laneBatchSize: number;
  /** Side of the drawn images. Larger ones take longer to draw than to train on; training scales them. */
  readonly drawnSize: number;
  /** Whole steps of an epoch, before the partial one where there is one. */
  readonly wholeSteps: number;
  /** Samples of the partial batch: fewer than a global batch, and no multiple of the lanes. */
  readonly partialSamples: number;
  readonly epochs: number;
  /** Networks in the table of operations: a few, or one for each kind of node. */
  readonly networks: 'some' | 'all';
  readonly steps: readonly StepBenchOptions[];
  readonly rounds: number;
  readonly xla: XlaOptions;
  readonly lanesOfAStep: LanesOptions;
  /** How many images of what side are drawn, and how many are loaded, at what side, in batches of how many. */
  readonly loader: {
    readonly drawn: number;
    readonly drawnSize: number;
    readonly images: number;
    readonly size: number;
    readonly batch: number;
  };
}

const ONE_LANE = { lanes: 1, warmup: 3, steps: 10 } as const;

/** A step's samples in one lane, and in two lanes in turn and at once; of each, trained in one go or exchanged. */
const waysOf = (samples: number): readonly WayOfLanesInput[] => [
  { lanes: 1, batch: samples, lanesAtOnce: 1, how: 'train' },
  { lanes: 1, batch: samples, lanesAtOnce: 1, how: 'exchanged' },
  { lanes: 2, batch: samples / 2, lanesAtOnce: 1, how: 'train' },
  { lanes: 2, batch: samples / 2, lanesAtOnce: 2, how: 'train' },
  { lanes: 2, batch: samples / 2, lanesAtOnce: 2, how: 'exchanged' },
];

const SIZES: Readonly<Record<'large' | 'small', Sizes>> = {
  large: {
    model: { architecture: 'resnet50', numClasses: 10 },
    lanes: 4,
    laneBatchSize: 16,
    drawnSize: 64,
    wholeSteps: 10,
    partialSamples: 5,
    epochs: 3,
    networks: 'all',
    steps: PRECISIONS.map((precision) => ({ model: 'resnet50', batch: 256, precision, ...ONE_LANE })),
    rounds: 3,
    xla: { network: 'resnet50', batch: 256, precision: 'bf16', steps: 8 },
    lanesOfAStep: { architecture: 'resnet50', precision: 'bf16', warmup: 3, steps: 8, ways: waysOf(256) },
    loader: { drawn: 400, drawnSize: 400, images: 6_000, size: 224, batch: 64 },
  },
  small: {
    model: { architecture: 'resnet8', numClasses: 10, imageSize: 16 },
    lanes: 4,
    laneBatchSize: 8,
    drawnSize: 20,
    wholeSteps: 10,
    partialSamples: 5,
    epochs: 3,
    networks: 'some',
    steps: PRECISIONS.map((precision) => ({ model: 'resnet20', batch: 16, lanes: 1, precision, warmup: 1, steps: 4 })),
    rounds: 1,
    xla: { network: 'max-pool, odd side', batch: 3, precision: 'fp32', steps: 4 },
    lanesOfAStep: { architecture: 'resnet8', precision: 'fp32', warmup: 1, steps: 2, ways: waysOf(8) },
    loader: { drawn: 60, drawnSize: 40, images: 120, size: 32, batch: 20 },
  },
};

/** A GPU gets large ones unless small ones are asked for, a CPU small ones. */
export function sizesFor({ kind }: Target, isSmall = false): Sizes {
  return SIZES[kind === 'cpu' || isSmall ? 'small' : 'large'];
}
