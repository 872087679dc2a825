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
import { chosenOptimizer } from '#contracts';
import { mapValues, taken } from '../../named.js';
import { byName, fromNames, stateLengths } from '../../state.js';
import { statisticsMomentum } from '../../statistics-momentum.js';
import { COMPUTE_TYPES } from '../../layers/layer.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../../step-config.js';
import { emitInference, emitTraining, normalizePixels, type TrainingPass } from './network-passes.js';
import { emitUpdate } from './replica-update.js';
import {
  declareReplicaVariables,
  readReplica,
  writeReplica,
  writeTrained,
  type ReplicaVariables,
} from './replica-variables.js';
import { declareAverage, emitAverage } from './weights-average.js';

type Specs = Readonly<Record<string, readonly [Tensor, Shape]>>;

function signature(inputs: Specs, outputs: Specs): Signature {
  const specs = (of: Specs): Signature['inputs'] =>
    Object.fromEntries(Object.entries(of).map(([key, [tensor, shape]]) => [key, tensorSpec(tensor, shape)]));
  return { inputs: specs(inputs), outputs: specs(outputs) };
}

/**
 * Writes the whole engine of one replica as a SavedModel. Signatures (inputs -> outputs; V is the length of the gradient
 * vector; *numbers* are those of a step that the optimiser's rule names, scalars; *bits* are float32 read as int32, which
 * TensorFlow leaves on the host until the graph asks for them):
 *
 * | signature | inputs | outputs |
 * |---|---|---|
 * | gradients | images uint8 [N,S,S,3], labels int32 [N], globalBatch | vector [V] |
 * | gradientsOfNormalized | images float32, already normalised, and the same | vector [V] |
 * | apply | vector bits [V], numbers | loss, gradientNorm: before it is clipped |
 * | train | images, labels, globalBatch, numbers | scalars [4] as at the vector's end |
 * | evaluate | images, labels | sums [4]: cross-entropy, correct, samples, correct among 5 |
 * | predict, predictNormalized | images | logits [N, classes] |
 * | readState | | the vectors of the state by the names that `byName` gives them |
 * | writeState | bits of the same | done |
 *
 * Where the config averages weights, evaluate and predict use the average, and `average` (averageDecay -> done) takes the
 * weights into it. Where it mixes samples, `gradients`, `gradientsOfNormalized` and `train` also take mask [1,H,W,1] (or [1,1,1,1])
 * and share.
 * Where it says any size, S may be another one in every batch.
 * `apply` and `train` fail and change nothing when loss or gradients are not finite. writeState comes first.
 */
export function encodeReplicaGraph(
  network: Network,
  layout: VectorLayout,
  config: StepConfig = DEFAULT_STEP_CONFIG,
): Uint8Array {
  const graph = new GraphBuilder();
  const variables = declareReplicaVariables(graph, layout, config);
  const side = config.anySize ? -1 : network.imageSize;
  const imagesShape = [-1, side, side, 3];
  const pixels = graph.placeholder('images', 'uint8', imagesShape);
  const labels = graph.placeholder('labels', 'int32', [-1]);
  const scalar = (name: string): Tensor => graph.placeholder(name, 'float32', []);
  const globalBatch = scalar('globalBatch');
  const { rule } = chosenOptimizer(config.optimizer);
  const numbers = mapValues(rule.scalars({ learningRate: 1, step: 1 }), (_, name) => scalar(name));
  const numberSpecs: Specs = mapValues(numbers, (tensor) => [tensor, []]);
  const images = normalizePixels(graph, pixels);
  const pass = {
    network,
    layout,
    variables,
    images,
    labels,
    sides: config.anySize ? 'any-size' : 'own-size',
    computeType: COMPUTE_TYPES[config.precision],
  } as const;
  const mixup = config.mixes
    ? { mask: graph.placeholder('mask', 'float32', [1, -1, -1, 1]), share: scalar('share') }
    : null;
  const training = emitTraining(graph, { ...pass, globalBatch, config, mixup });
  const average = config.averages ? declareAverage(graph, variables, layout.numTrainedStatistics) : null;
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
    optimizer: config.optimizer,
    scalars: numbers,
    statisticsMomentum: statisticsMomentum(network),
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

  const averaged = average && readReplica(graph, average);
  const state = byName({ ...readReplica(graph, variables), ...(averaged && { average: averaged }) });
  const lengths = byName(stateLengths(layout, config));
  const bitsOf = (length: number, name: string): Tensor => graph.placeholder(`${name}-bits`, 'int32', [length]);
  const stateBits = mapValues(lengths, bitsOf);
  const fed = fromNames(stateBits);
  const written = [
    ...writeReplica(graph, variables, fed),
    ...(average && fed.average ? writeTrained(graph, average, fed.average) : []),
  ];
  const stateSpecs = (of: Readonly<Record<string, Tensor>>): Specs =>
    mapValues(lengths, (length, name) => [taken(of, name), [length]]);
  const sums = stackScalars(
    graph,
    [inference.lossSum, inference.correct, inference.samples, inference.correctTop5],
    'float32',
  );

  const fedPixels = [pixels, imagesShape] as const;
  const fedNormalized = [images, imagesShape] as const;
  const mixingSpecs: Specs = mixup ? { mask: [mixup.mask, [1, -1, -1, 1]], share: [mixup.share, []] } : {};
  const targets: Specs = { labels: [labels, [-1]], globalBatch: [globalBatch, []], ...mixingSpecs };
  const logits: Specs = { logits: [inference.logits, [-1, network.numClasses]] };
  const vectorSpec: Specs = { vector: [vector, [layout.vectorLength]] };
  const averageDecay = average && scalar('averageDecay');
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
      { vector: [reducedBits, [layout.vectorLength]], ...numberSpecs },
      {
        loss: [identity(graph, reducedLoss, 'applied', applied.done), []],
        gradientNorm: [applied.gradientNorm, []],
      },
    ),
    train: signature(
      { images: fedPixels, ...targets, ...numberSpecs },
      { scalars: [identity(graph, scalars, 'trained', trained.done), [4]] },
    ),
    evaluate: signature({ images: fedPixels, labels: [labels, [-1]] }, { sums: [sums, [4]] }),
    predict: signature({ images: fedPixels }, logits),
    predictNormalized: signature({ images: fedNormalized }, logits),
    readState: signature({}, stateSpecs(state)),
    writeState: signature(stateSpecs(stateBits), {
      done: [identity(graph, floatScalar(graph, 0), 'written', written), []],
    }),
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
