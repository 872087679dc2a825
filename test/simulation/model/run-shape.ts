import { runSpecSchema, type RunSpec, type TimelineNumbers, type WireFormat } from '#contracts';
import { layoutOf, type Network, type VectorLayout } from '#resnet';
import type { Random } from '../world/random.js';

/** What is trained in a simulation. Runs of one shape end in the same bits, whatever happens to them. */
export interface RunShape {
  readonly key: string;
  readonly spec: RunSpec;
  readonly numbers: TimelineNumbers;
  readonly network: Network;
  readonly layout: VectorLayout;
}

/** Weights: few lie on one server, from 4,097 elements on a vector is shared by two. */
const SHORT = 24;
const LONG = 4_300;
const LANES = [2, 3, 4, 5] as const;

/** Long vectors cost most of the time of a run, so they are the rarer ones. */
export function drawShape(random: Random): RunShape {
  return makeShape({
    lanes: random.pick(LANES),
    numWeights: random.chance(0.3) ? LONG : SHORT,
    wire: random.chance(0.3) ? 'bf16' : 'fp32',
    epochs: 3,
  });
}

/** A shape of five steps an epoch. */
export function makeShape(options: {
  readonly lanes: number;
  readonly numWeights: number;
  readonly wire: WireFormat;
  readonly epochs: number;
}): RunShape {
  const { lanes, numWeights, wire, epochs } = options;
  const network = networkOf(numWeights);
  // Neither a multiple of the global batch nor of the lanes: last steps are small and slices may be empty.
  const numTrainSamples = lanes * 2 * 5 - 7;
  const numbers = { numTrainSamples, numValidationSamples: lanes + 3, lanes, laneBatchSize: 2, epochs };
  const spec = runSpecSchema.parse({
    name: 'simulated',
    model: { architecture: 'resnet20', numClasses: 2 },
    dataset: { kind: 'image-folder', path: '/simulated' },
    lanes,
    laneBatchSize: numbers.laneBatchSize,
    epochs: numbers.epochs,
    seed: lanes,
    checkpoint: { everySteps: 3 },
    wire,
  });
  return { key: `${lanes} lanes, ${numWeights} weights, ${wire}`, spec, numbers, network, layout: layoutOf(network) };
}

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
