import {
  argMax,
  cast,
  crossEntropy,
  crossEntropyGradient,
  divide,
  equal,
  floatVector,
  multiply,
  oneHot,
  readVariable,
  reshape,
  shapeOf,
  slice,
  subtract,
  sum,
  topIndices,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import type { VectorLayout } from '#resnet';
import type { Network } from '#resnet';
import { PIXEL_NORMALIZATION } from '#resnet';
import { emitNetwork, type EmittedNetwork } from './emit-network.js';
import type { ComputeType, EmissionContext } from '../../layers/layer.js';
import type { ReplicaVariables } from './replica-variables.js';
import type { StepConfig } from '../../step-config.js';
import { mixImages, softLabels, type MixingTensors } from './soft-labels.js';

/** (x/255 - mean) / deviation, as two operations per pixel. */
export function normalizePixels(graph: GraphBuilder, pixels: Tensor): Tensor {
  const { mean, deviation } = PIXEL_NORMALIZATION;
  const scale = deviation.map((value) => 1 / (255 * value));
  const shift = deviation.map((value, channel) => (mean[channel] ?? 0) / value);
  const scaled = multiply(graph, cast(graph, pixels, 'float32'), floatVector(graph, scale));
  return subtract(graph, scaled, floatVector(graph, shift));
}

export interface PassInputs {
  /** `any-size`: images of any height and width, at a cost of some padding that the network's own size does not need. */
  readonly sides: EmissionContext['sides'];
  readonly computeType: ComputeType;
  readonly network: Network;
  readonly layout: VectorLayout;
  readonly variables: ReplicaVariables;
  /** Normalised, [N,S,S,3]. */
  readonly images: Tensor;
  readonly labels: Tensor;
}

interface Judged {
  /** Sum of the cross-entropy, count of right top-1 predictions, count of samples: float32 scalars. */
  readonly lossSum: Tensor;
  readonly correct: Tensor;
  readonly samples: Tensor;
}

/** Against the shares of the classes [N, K]; a prediction is right that is the sample's best class, int32 [N]. */
function judge(
  graph: GraphBuilder,
  logits: Tensor,
  { shares, best }: { readonly shares: Tensor; readonly best: Tensor },
): Judged {
  return {
    lossSum: sum(graph, crossEntropy(graph, logits, shares), [0]),
    correct: sum(graph, equal(graph, argMax(graph, logits, 1), best, 'float32'), [0]),
    samples: cast(graph, reshape(graph, shapeOf(graph, best), []), 'float32'),
  };
}

/** Against soft labels, where the config makes them so; a prediction is right that names the largest share. */
function judgeTraining(
  graph: GraphBuilder,
  logits: Tensor,
  inputs: TrainingInputs,
): Judged & { readonly logitsGradient: Tensor } {
  const { labels, config, mixup, network } = inputs;
  const isSoft = config.labelSmoothing !== 0 || mixup !== null;
  const shares = softLabels(graph, labels, network.numClasses, { ...config, mixup });
  const best = isSoft ? argMax(graph, shares, 1) : labels;
  return {
    ...judge(graph, logits, { shares, best }),
    logitsGradient: crossEntropyGradient(graph, logits, shares),
  };
}

/** Names of the layout looked up once, with an error that names what is missing. */
function byName<Entry extends { readonly name: string }>(entries: readonly Entry[]): (name: string) => Entry {
  const table = new Map(entries.map((entry) => [entry.name, entry]));
  return (name) => {
    const entry = table.get(name);
    if (entry === undefined) throw new Error(`the layout has no entry ${name}`);
    return entry;
  };
}

function weights(
  graph: GraphBuilder,
  { layout, variables }: Pick<PassInputs, 'layout' | 'variables'>,
): Pick<EmissionContext, 'parameter' | 'statistic'> {
  const parameterEntry = byName(layout.parameters);
  const statisticEntry = byName(layout.statistics);
  const groups = [...variables.groups, ...variables.frozen];
  const read = groups.map((group) => ({ group, value: readVariable(graph, group.parameters) }));
  const statistics = readVariable(graph, variables.statistics);
  const frozenStatistics = variables.frozenStatistics && readVariable(graph, variables.frozenStatistics);
  return {
    parameter: (name) => {
      const { offset, length, shape } = parameterEntry(name);
      const source = read.find(({ group }) => offset >= group.offset && offset < group.offset + group.length);
      if (source === undefined) throw new Error(`parameter ${name} lies outside of the vector`);
      const flat = slice(graph, source.value, [offset - source.group.offset], [length]);
      return shape.length === 1 ? flat : reshape(graph, flat, shape);
    },
    statistic: (name) => {
      const { offset, length, isFrozen } = statisticEntry(name);
      if (!isFrozen) return slice(graph, statistics, [offset], [length]);
      if (frozenStatistics === null) throw new Error(`nothing is frozen, but ${name} is`);
      return slice(graph, frozenStatistics, [offset - layout.numTrainedStatistics], [length]);
    },
  };
}

export interface InferencePass extends Judged {
  readonly logits: Tensor;
  /** Count of samples whose label is among the five largest logits, a float32 scalar. */
  readonly correctTop5: Tensor;
}

/** The forward pass with running statistics. */
export function emitForward(
  graph: GraphBuilder,
  inputs: Omit<PassInputs, 'labels'>,
): Pick<EmittedNetwork, 'logits' | 'outputs'> {
  return graph.scope('inference', () => {
    const refuse = (): never => {
      throw new Error('inference sets no gradients');
    };
    const context: EmissionContext = {
      graph,
      mode: 'inference',
      sides: inputs.sides,
      computeType: inputs.computeType,
      ...weights(graph, inputs),
      setBatchStatistic: refuse,
      setGradient: refuse,
    };
    return emitNetwork(context, inputs.network, inputs.images);
  });
}

/** The forward pass with running statistics, and how right it is. */
export function emitInference(graph: GraphBuilder, inputs: PassInputs): InferencePass {
  const { logits } = emitForward(graph, inputs);
  return graph.scope('judgement', () => {
    const best = topIndices(graph, logits, Math.min(5, inputs.network.numClasses));
    const isHit = equal(graph, best, reshape(graph, inputs.labels, [-1, 1]), 'float32');
    const shares = oneHot(graph, inputs.labels, inputs.network.numClasses);
    const judged = judge(graph, logits, { shares, best: inputs.labels });
    return { logits, ...judged, correctTop5: sum(graph, isHit, [0, 1]) };
  });
}

export interface TrainingPass {
  /** Flat gradient of each parameter that is trained, in layout order. */
  readonly gradients: readonly Tensor[];
  /** Batch mean and variance of what is trained, each flat, in layout order. */
  readonly batchStatistics: readonly Tensor[];
  readonly statisticsWeight: Tensor;
  /** Sum of the cross-entropy over globalBatch. */
  readonly loss: Tensor;
  readonly correct: Tensor;
  readonly samples: Tensor;
}

/**
 * What takes time in a training step. A gradient with respect to a kernel and one with respect to an input could run at
 * the same time; on a CPU, where every lane has its own core, that only makes the lanes take each other's cores and
 * caches: in order, two lanes of ResNet-20 on two cores are some 3 % faster.
 */
const ORDERED: ReadonlySet<string> = new Set([
  'AddV2',
  'AvgPool',
  'AvgPoolGrad',
  'BiasAdd',
  'BiasAddGrad',
  'Conv2D',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'FusedBatchNormGradV3',
  'FusedBatchNormV3',
  'MatMul',
  'MaxPool',
  'MaxPoolGrad',
  'Mean',
  'Pad',
  'Relu',
  'ReluGrad',
]);

export interface TrainingInputs extends PassInputs {
  readonly globalBatch: Tensor;
  readonly config: Pick<StepConfig, 'labelSmoothing'>;
  /** Null where nothing is mixed. */
  readonly mixup: MixingTensors | null;
}

const trained = <Entry extends { readonly isFrozen: boolean }>(entries: readonly Entry[]): readonly Entry[] =>
  entries.filter((entry) => !entry.isFrozen);

/** Forward with batch statistics, and backward from sum(cross-entropy)/globalBatch. */
export function emitTraining(graph: GraphBuilder, inputs: TrainingInputs): TrainingPass {
  return graph.scope('training', () => {
    const gradients = new Map<string, Tensor>();
    const statistics = new Map<string, Tensor>();
    const context: EmissionContext = {
      graph,
      mode: 'training',
      sides: inputs.sides,
      computeType: inputs.computeType,
      ...weights(graph, inputs),
      setBatchStatistic: (name, value) => void statistics.set(name, value),
      setGradient: (name, value) => void gradients.set(name, value),
    };
    const judged = graph.inOrder(ORDERED, () => {
      const { mixup } = inputs;
      const images = mixup ? mixImages(graph, inputs.images, mixup) : inputs.images;
      const { logits, backward } = emitNetwork(context, inputs.network, images);
      const result = judgeTraining(graph, logits, inputs);
      backward(divide(graph, result.logitsGradient, inputs.globalBatch));
      return result;
    });
    const found = (table: ReadonlyMap<string, Tensor>, name: string): Tensor => {
      const tensor = table.get(name);
      if (tensor === undefined) throw new Error(`the backward pass gave nothing for ${name}`);
      return tensor;
    };
    return {
      gradients: trained(inputs.layout.parameters).map(({ name, shape }) => {
        const gradient = found(gradients, name);
        return shape.length === 1 ? gradient : reshape(graph, gradient, [-1]);
      }),
      batchStatistics: trained(inputs.layout.statistics).map(({ name }) => found(statistics, name)),
      statisticsWeight: divide(graph, judged.samples, inputs.globalBatch),
      loss: divide(graph, judged.lossSum, inputs.globalBatch),
      correct: judged.correct,
      samples: judged.samples,
    };
  });
}
