import {
  bitcast,
  concatenate,
  encodeSavedModel,
  floatScalar,
  GraphBuilder,
  identity,
  multiply,
  reshape,
  slice,
  stackScalars,
  tensorSpec,
  type Shape,
  type Signature,
  type Tensor,
} from '#tensorflow-graph';
import type { VectorLayout } from '#resnet';
import type { Network } from '#resnet';
import { DEFAULT_RULES, type TrainingRules } from '../../training-rules.js';
import { emitInference, emitTraining, normalizePixels, type TrainingPass } from './network-passes.js';
import { emitUpdate } from './replica-update.js';
import {
  declareReplicaVariables,
  readReplica,
  writeReplica,
  writeTrained,
  type ReplicaVariables,
  type StateTensors,
} from './replica-variables.js';
import { declareAverage, emitAverage } from './weights-average.js';

type Specs = Readonly<Record<string, readonly [Tensor, Shape]>>;

function signature(inputs: Specs, outputs: Specs): Signature {
  const specs = (of: Specs): Signature['inputs'] =>
    Object.fromEntries(Object.entries(of).map(([key, [tensor, shape]]) => [key, tensorSpec(tensor, shape)]));
  return { inputs: specs(inputs), outputs: specs(outputs) };
}

/** PyTorch's batch-norm momentum, the same in all nodes of a network. */
function statisticsMomentum(network: Network): number {
  const found = new Set(network.nodes.flatMap((node) => (node.kind === 'batch-normalization' ? [node.momentum] : [])));
  if (found.size > 1) throw new Error(`one batch-norm momentum is supported, the network has ${[...found].join(', ')}`);
  return found.values().next().value ?? 0.1;
}

/**
 * Writes the whole engine of one replica as a SavedModel. Signatures (inputs -> outputs; P, M, S, V are the lengths of
 * parameters, momentum, statistics and gradient vector; *bits* are float32 read as int32, which TensorFlow leaves on the host
 * until the graph asks for them):
 *
 * | signature | inputs | outputs |
 * |---|---|---|
 * | gradients | images uint8 [N,S,S,3], labels int32 [N], globalBatch | vector [V] |
 * | gradientsOfNormalized | images float32, already normalised, and the same | vector [V] |
 * | apply | vector bits [V], learningRate, momentum, weightDecay | loss |
 * | train | images, labels, globalBatch, learningRate, momentum, weightDecay | scalars [4] as at the vector's end |
 * | evaluate | images, labels | sums [4]: cross-entropy, correct, samples, correct among 5 |
 * | predict, predictNormalized | images | logits [N, classes] |
 * | readState | | parameters [P], momentum [M], statistics [S] |
 * | writeState | bits of the same three | done |
 *
 * Where the rules average weights, evaluate and predict use the average, readState and writeState have
 * averageParameters and averageStatistics too, and `average` (averageDecay -> done) takes the weights into it.
 * Where the rules mix samples, `gradients`, `gradientsOfNormalized` and `train` also take mask [1,H,W,1] (or [1,1,1,1])
 * and share.
 * Where they say any size, S may be another one in every batch.
 * `apply` and `train` fail and change nothing when loss or gradients are not finite. writeState comes first.
 */
export function encodeReplicaGraph(
  network: Network,
  layout: VectorLayout,
  rules: TrainingRules = DEFAULT_RULES,
): Uint8Array {
  const graph = new GraphBuilder();
  const variables = declareReplicaVariables(graph, layout, rules);
  const side = rules.anySize ? -1 : network.imageSize;
  const imagesShape = [-1, side, side, 3];
  const pixels = graph.placeholder('images', 'uint8', imagesShape);
  const labels = graph.placeholder('labels', 'int32', [-1]);
  const scalar = (name: string): Tensor => graph.placeholder(name, 'float32', []);
  const globalBatch = scalar('globalBatch');
  const hyperparameters = {
    learningRate: scalar('learningRate'),
    momentum: scalar('momentum'),
    weightDecay: scalar('weightDecay'),
  };
  const hyperparameterSpecs: Specs = Object.fromEntries(
    Object.entries(hyperparameters).map(([name, tensor]) => [name, [tensor, []]]),
  );
  const images = normalizePixels(graph, pixels);
  const pass = { network, layout, variables, images, labels, sides: rules.anySize ? 'any-size' : 'own-size' } as const;
  const mixing = rules.mixes
    ? { mask: graph.placeholder('mask', 'float32', [1, -1, -1, 1]), share: scalar('share') }
    : null;
  const training = emitTraining(graph, { ...pass, globalBatch, rules, mixing });
  const average = rules.averages ? declareAverage(graph, variables, layout.numTrainedStatistics) : null;
  const inference = emitInference(graph, { ...pass, variables: average ?? variables });
  const batchStatistics = multiply(
    graph,
    concatenate(graph, training.batchStatistics, 'float32'),
    training.statisticsWeight,
  );
  const scalars = stackScalars(
    graph,
    [training.loss, training.correct, training.samples, floatScalar(graph, 0)],
    'float32',
  );
  const vector = concatenate(graph, [...training.gradients, batchStatistics, scalars], 'float32');
  const update = {
    ...hyperparameters,
    statisticsMomentum: statisticsMomentum(network),
    nesterov: rules.nesterov,
  };

  const reducedBits = graph.placeholder('reduced', 'int32', [layout.vectorLength]);
  const reduced = bitcast(graph, reducedBits, 'float32');
  const cut = (offset: number, length: number): Tensor => slice(graph, reduced, [offset], [length]);
  const reducedLoss = reshape(graph, cut(layout.scalars.loss, 1), []);
  const applied = emitUpdate(graph, variables, {
    ...update,
    groupGradients: variables.groups.map(({ offset, length }) => cut(offset, length)),
    statistics: cut(layout.numTrained, layout.numTrainedStatistics),
    loss: reducedLoss,
  });
  const trained = emitUpdate(graph, variables, {
    ...update,
    groupGradients: gradientsByGroup(graph, variables, layout, training),
    statistics: batchStatistics,
    loss: training.loss,
  });

  const stateShapes = {
    parameters: layout.numParameters,
    momentum: layout.numTrained,
    statistics: layout.numStatistics,
  };
  const state = readReplica(graph, variables);
  const stateBits = {
    parameters: graph.placeholder('parametersBits', 'int32', [stateShapes.parameters]),
    momentum: graph.placeholder('momentumBits', 'int32', [stateShapes.momentum]),
    statistics: graph.placeholder('statisticsBits', 'int32', [stateShapes.statistics]),
  };
  const averaged = average && readReplica(graph, average);
  const averageBits = average && {
    parameters: graph.placeholder('averageParametersBits', 'int32', [stateShapes.parameters]),
    statistics: graph.placeholder('averageStatisticsBits', 'int32', [stateShapes.statistics]),
  };
  const averageDecay = average && scalar('averageDecay');
  const written = [
    ...writeReplica(graph, variables, stateBits),
    ...(average && averageBits ? writeTrained(graph, average, averageBits) : []),
  ];
  const sums = stackScalars(
    graph,
    [inference.lossSum, inference.correct, inference.samples, inference.correctTop5],
    'float32',
  );

  const fedPixels = [pixels, imagesShape] as const;
  const fedNormalized = [images, imagesShape] as const;
  const mixingSpecs: Specs = mixing ? { mask: [mixing.mask, [1, -1, -1, 1]], share: [mixing.share, []] } : {};
  const targets: Specs = { labels: [labels, [-1]], globalBatch: [globalBatch, []], ...mixingSpecs };
  const logits: Specs = { logits: [inference.logits, [-1, network.numClasses]] };
  const vectorSpec: Specs = { vector: [vector, [layout.vectorLength]] };
  const averageSpecs = (of: Pick<StateTensors, 'parameters' | 'statistics'> | null): Specs =>
    of
      ? {
          averageParameters: [of.parameters, [stateShapes.parameters]],
          averageStatistics: [of.statistics, [stateShapes.statistics]],
        }
      : {};
  const moved = average && averageDecay && emitAverage(graph, { of: variables, average, decay: averageDecay });
  return encodeSavedModel(graph, {
    ...(averageDecay &&
      moved && {
        average: signature(
          { averageDecay: [averageDecay, []] },
          { done: [identity(graph, floatScalar(graph, 0), 'averaged', moved), []] },
        ),
      }),
    gradients: signature({ images: fedPixels, ...targets }, vectorSpec),
    gradientsOfNormalized: signature({ images: fedNormalized, ...targets }, vectorSpec),
    apply: signature(
      { vector: [reducedBits, [layout.vectorLength]], ...hyperparameterSpecs },
      { loss: [identity(graph, reducedLoss, 'applied', applied), []] },
    ),
    train: signature(
      { images: fedPixels, ...targets, ...hyperparameterSpecs },
      { scalars: [identity(graph, scalars, 'trained', trained), [4]] },
    ),
    evaluate: signature({ images: fedPixels, labels: [labels, [-1]] }, { sums: [sums, [4]] }),
    predict: signature({ images: fedPixels }, logits),
    predictNormalized: signature({ images: fedNormalized }, logits),
    readState: signature(
      {},
      {
        parameters: [state.parameters, [stateShapes.parameters]],
        momentum: [state.momentum, [stateShapes.momentum]],
        statistics: [state.statistics, [stateShapes.statistics]],
        ...averageSpecs(averaged),
      },
    ),
    writeState: signature(
      {
        parameters: [stateBits.parameters, [stateShapes.parameters]],
        momentum: [stateBits.momentum, [stateShapes.momentum]],
        statistics: [stateBits.statistics, [stateShapes.statistics]],
        ...averageSpecs(averageBits),
      },
      { done: [identity(graph, floatScalar(graph, 0), 'written', written), []] },
    ),
  });
}

function gradientsByGroup(
  graph: GraphBuilder,
  { groups }: ReplicaVariables,
  layout: VectorLayout,
  training: TrainingPass,
): readonly Tensor[] {
  return groups.map(({ offset, length }) => {
    const parts = training.gradients.filter((_, index) => {
      const position = layout.parameters[index]?.offset ?? -1;
      return position >= offset && position < offset + length;
    });
    return concatenate(graph, parts, 'float32');
  });
}
