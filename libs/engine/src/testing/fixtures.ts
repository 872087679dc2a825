/** What the conformance suite feeds engines with, and how it compares. */
import { createHash } from 'node:crypto';
import { optimizerSchema, randomStream } from '#contracts';
import type { Batch } from '#data-loading';
import type { Network, VectorLayout } from '#resnet';
import type { Engine, EvaluationCounts } from '../engine.js';
import { byName, stateLengths, type ReplicaState } from '../state.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';

export interface EngineUnderTest {
  readonly make: (network: Network, layout: VectorLayout, config?: StepConfig) => Engine;
  /** Tensors that the engine's library holds now, of all engines of the process. */
  readonly numLiveTensors: () => number;
}

/** The numbers of a step. */
export const NUMBERS = { learningRate: 0.1, step: 1 };

/** The default but for the optimiser. */
export function configOf(optimizer: object, others: Partial<StepConfig> = {}): StepConfig {
  return { ...DEFAULT_STEP_CONFIG, ...others, optimizer: optimizerSchema.parse(optimizer) };
}

/**
 * relu(conv) + bn(relu(conv)), pool, head. Where the normalisation's gamma is zero, nothing but the gradient of gamma and
 * the variance depends on who else is in the batch.
 */
export const SIDE_BRANCH: Network = {
  architecture: 'side branch',
  imageSize: 6,
  numClasses: 3,
  nodes: [
    { kind: 'input', inputs: [], shape: [6, 6, 3] },
    {
      kind: 'convolution',
      inputs: [0],
      shape: [6, 6, 4],
      name: 'conv1',
      kernelSize: 3,
      stride: 1,
      padding: 1,
      inChannels: 3,
      outChannels: 4,
    },
    { kind: 'relu', inputs: [1], shape: [6, 6, 4] },
    {
      kind: 'batch-normalization',
      inputs: [2],
      shape: [6, 6, 4],
      name: 'bn1',
      channels: 4,
      epsilon: 1e-5,
      momentum: 0.1,
    },
    { kind: 'add', inputs: [2, 3], shape: [6, 6, 4] },
    { kind: 'global-average-pool', inputs: [4], shape: [1, 1, 4] },
    { kind: 'dense', inputs: [5], shape: [1, 1, 3], name: 'fc', inFeatures: 4, outFeatures: 3 },
  ],
};

/** The network with another head. */
export function withClasses(network: Network, numClasses: number): Network {
  const nodes = network.nodes.map((node) =>
    node.kind === 'dense' ? { ...node, shape: [1, 1, numClasses] as const, outFeatures: numClasses } : node,
  );
  return { ...network, numClasses, nodes };
}

/**
 * A state far from any symmetry: every gamma, beta and bias counts. What an optimiser keeps second is of squares, and not
 * negative.
 */
export function randomState(
  layout: VectorLayout,
  seed: number,
  config: Pick<StepConfig, 'optimizer'> = DEFAULT_STEP_CONFIG,
): ReplicaState {
  const stream = randomStream(seed);
  const { slots } = stateLengths(layout, { ...DEFAULT_STEP_CONFIG, ...config });
  const parameters = Float32Array.from({ length: layout.numParameters }, () => 0.4 * stream.nextNormal());
  const kept = Object.keys(slots).map((name, place) => {
    const drawn = Float32Array.from({ length: layout.numTrained }, () => 0.1 * stream.nextNormal());
    return [name, place === 0 ? drawn : drawn.map((value) => value ** 2)] as const;
  });
  const statistics = Float32Array.from({ length: layout.numStatistics }, () => 0.5 + stream.nextFloat());
  return { parameters, statistics, slots: Object.fromEntries(kept) };
}

/** A reduced gradient vector of random numbers. */
export function randomVector(layout: VectorLayout, seed: number): Float32Array<ArrayBuffer> {
  const stream = randomStream(seed);
  return Float32Array.from({ length: layout.vectorLength }, () => stream.nextNormal());
}

/** Digests of a state's vectors, to compare them: Jest takes seconds to compare a hundred thousand numbers. */
export function digestsOf(state: ReplicaState): readonly string[] {
  return Object.entries(byName(state)).map(
    ([name, vector]) => `${name} ${createHash('sha256').update(vector).digest('hex')}`,
  );
}

export function randomBatch(network: Network, numSamples: number, seed: number): Batch {
  const stream = randomStream(seed);
  return {
    images: Uint8Array.from({ length: numSamples * network.imageSize ** 2 * 3 }, () => stream.nextInt(256)),
    labels: Int32Array.from({ length: numSamples }, () => stream.nextInt(network.numClasses)),
    numSamples,
  };
}

export function part(network: Network, batch: Batch, first: number, end: number): Batch {
  const pixels = network.imageSize ** 2 * 3;
  const images = batch.images.slice(first * pixels, end * pixels);
  return { images, labels: batch.labels.slice(first, end), numSamples: end - first };
}

/** ||actual - expected|| / ||expected|| */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (actual.length !== expected.length) throw new Error(`${actual.length} values against ${expected.length}`);
  return norm(expected.map((value, index) => (actual[index] ?? Number.NaN) - value)) / norm(expected);
}

/** Gradient vector of a single lane. */
export function laneGradients(engine: Engine, batch: Batch, globalBatch: number): Float32Array {
  const [vector] = engine.gradients([batch], { globalBatch, numRounded: 0 });
  if (!vector) throw new Error('the engine gave no vector');
  return vector;
}

/** Counts of a single batch. */
export function laneCounts(engine: Engine, batch: Batch): EvaluationCounts {
  const [counts] = engine.evaluate([batch]);
  if (!counts) throw new Error('the engine gave no counts');
  return counts;
}
