import {
  concatenate,
  floatScalar,
  multiply,
  stackScalars,
  type GraphBuilder,
  type Shape,
  type Tensor,
} from '#tensorflow-graph';
import type { Network, VectorLayout } from '#resnet';
import { COMPUTE_TYPES } from '../../layers/layer.js';
import type { StepConfig } from '../../step-config.js';
import { emitInference, emitTraining, normalizePixels } from './network-passes.js';
import type { ReplicaVariables } from './replica-variables.js';

/** What all slots of a graph have in common. */
export interface SlotInputs {
  readonly network: Network;
  readonly layout: VectorLayout;
  readonly config: StepConfig;
  readonly variables: ReplicaVariables;
  /** What evaluates, where there is one. */
  readonly average: ReplicaVariables | null;
  readonly globalBatch: Tensor;
}

/** A place in the graph for the batch of one lane: what it is fed, and what becomes of it. */
export interface LaneSlot {
  readonly pixels: Tensor;
  /** The pixels, normalised; may be fed instead of them. */
  readonly images: Tensor;
  readonly imagesShape: Shape;
  readonly labels: Tensor;
  /** Null where nothing is mixed. */
  readonly mixup: { readonly mask: Tensor; readonly share: Tensor } | null;
  /** Gradients, batch statistics and scalars, each flat, in the vector's order. */
  readonly parts: readonly Tensor[];
  /** Gradient vector [V]: the parts. */
  readonly vector: Tensor;
  /** With running statistics, [N, numClasses]. */
  readonly logits: Tensor;
  /** How right they are: cross-entropy, correct, samples, correct among 5. */
  readonly counts: Tensor;
}

/** Slots know nothing of each other: TensorFlow runs those that are fed side by side, each one's operations in order. */
export function emitSlot(graph: GraphBuilder, inputs: SlotInputs): LaneSlot {
  const { network, layout, config, variables, average, globalBatch } = inputs;
  const side = config.anySize ? -1 : network.imageSize;
  const imagesShape = [-1, side, side, 3];
  const pixels = graph.placeholder('images', 'uint8', imagesShape);
  const labels = graph.placeholder('labels', 'int32', [-1]);
  const mixup = config.mixes
    ? {
        mask: graph.placeholder('mask', 'float32', [1, -1, -1, 1]),
        share: graph.placeholder('share', 'float32', []),
      }
    : null;
  const images = normalizePixels(graph, pixels);
  const pass = {
    network,
    layout,
    images,
    labels,
    sides: config.anySize ? 'any-size' : 'own-size',
    computeType: COMPUTE_TYPES[config.precision],
  } as const;
  const training = emitTraining(graph, { ...pass, variables, globalBatch, config, mixup });
  const statistics = multiply(
    graph,
    concatenate(graph, training.batchStatistics, 'float32'),
    training.statisticsWeight,
  );
  const scalars = stackScalars(
    graph,
    [training.loss, training.correct, training.samples, floatScalar(graph, 0)],
    'float32',
  );
  const judged = emitInference(graph, { ...pass, variables: average ?? variables });
  const parts = [...training.gradients, statistics, scalars];
  return {
    pixels,
    images,
    imagesShape,
    labels,
    mixup,
    parts,
    vector: concatenate(graph, parts, 'float32'),
    logits: judged.logits,
    counts: stackScalars(graph, [judged.lossSum, judged.correct, judged.samples, judged.correctTop5], 'float32'),
  };
}
