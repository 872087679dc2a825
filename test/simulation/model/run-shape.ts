import { runSpecSchema, type RunSpec, type TimelineNumbers } from '#contracts';
import { layoutOf, type Network, type VectorLayout } from '#resnet';

/** What is trained in a simulation. Runs of one shape end in the same bits, whatever happens to them. */
export interface RunShape {
  readonly key: string;
  readonly spec: RunSpec;
  readonly numbers: TimelineNumbers;
  readonly network: Network;
  readonly layout: VectorLayout;
}

/** Lengths of the weights: short ones lie on one server, from 4,097 elements on a vector is shared by two. */
const WIDTHS = [24, 4_300] as const;
const LANES = [2, 3, 4, 5] as const;

/** All shapes, by number. */
export function runShape(number: number): RunShape {
  const lanes = LANES[number % LANES.length] ?? 2;
  const network = networkOf(WIDTHS[Math.floor(number / LANES.length) % WIDTHS.length] ?? 24);
  // Neither a multiple of the global batch nor of the lanes: last steps are small and slices may be empty.
  const numTrainSamples = lanes * 2 * 5 - 7;
  const numbers = { numTrainSamples, numValidationSamples: lanes + 3, lanes, laneBatchSize: 2, epochs: 3 };
  const spec = runSpecSchema.parse({
    name: 'simulated',
    model: { architecture: 'resnet20', numClasses: 2 },
    dataset: { kind: 'image-folder', path: '/simulated' },
    lanes,
    laneBatchSize: numbers.laneBatchSize,
    epochs: numbers.epochs,
    seed: number + 1,
    checkpoint: { everySteps: 3 },
  });
  return { key: String(number), spec, numbers, network, layout: layoutOf(network) };
}

/** How many shapes there are. */
export const NUM_SHAPES = LANES.length * WIDTHS.length;

/** A network of a linear map and a normalisation: enough for the files of a checkpoint; nothing is computed with it. */
function networkOf(numWeights: number): Network {
  return {
    architecture: 'resnet20',
    imageSize: 1,
    numClasses: 1,
    nodes: [
      { kind: 'linear', name: 'fc', inFeatures: numWeights, outFeatures: 1 },
      { kind: 'batch-normalization', name: 'bn', channels: 1 },
    ] as unknown as Network['nodes'],
  };
}
