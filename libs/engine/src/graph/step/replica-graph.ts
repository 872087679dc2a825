import {
  bitcast,
  encodeSavedModel,
  floatScalar,
  GraphBuilder,
  identity,
  reshape,
  slice,
  stackScalars,
  tensorSpec,
  type Shape,
  type Signature,
  type Tensor,
} from '#tensorflow-graph';
import type { Network, VectorLayout } from '#resnet';
import { chosenOptimizer } from '#contracts';
import { mapValues, taken } from '../../named.js';
import { byName, fromNames, stateLengths } from '../../state.js';
import { statisticsMomentum } from '../../statistics-momentum.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../../step-config.js';
import { emitDigest } from './digest.js';
import { emitSlot, type LaneSlot } from './lane-slot.js';
import { emitLaneSums } from './lane-sums.js';
import { emitUpdate } from './replica-update.js';
import { declareReplicaVariables, readReplica, writeReplica, writeTrained } from './replica-variables.js';
import { declareAverage, emitAverage } from './weights-average.js';

type Specs = Readonly<Record<string, readonly [Tensor, Shape]>>;

function signature(inputs: Specs, outputs: Specs): Signature {
  const specs = (of: Specs): Signature['inputs'] =>
    Object.fromEntries(Object.entries(of).map(([key, [tensor, shape]]) => [key, tensorSpec(tensor, shape)]));
  return { inputs: specs(inputs), outputs: specs(outputs) };
}

/** How many lanes a graph drives side by side. */
export interface ReplicaGraphOptions {
  /** Default: 1. */
  readonly numSlots?: number;
}

/**
 * Writes the whole engine of one replica as a SavedModel. Signatures (inputs -> outputs; V is the length of the gradient
 * vector, i a slot; *numbers* are those of a step that the optimiser's rule names, scalars; *bits* are float32 read as
 * int32, which TensorFlow leaves on the host until the graph asks for them):
 *
 * | signature | inputs | outputs |
 * |---|---|---|
 * | writeState | bits of the state's vectors by the names that `byName` gives them | done |
 * | lanes | images/i uint8 [N,S,S,3], labels/i int32 [N] of each slot, globalBatch | by `nameOf.range` the sum of slots, kept |
 * | zeros, round, `nameOf`.push, .fold, .take | | of the sums that are kept: see `LaneInstruction` |
 * | sum | | vector [V]: the sum that is kept |
 * | train | numbers | scalars [4] as at the vector's end, gradientNorm: before it is clipped, digest int32 [2]: lower half first |
 * | apply | vector bits [V], numbers | gradientNorm |
 * | gradientsOfNormalized | images float32, already normalised, labels, globalBatch | vector [V] |
 * | evaluate | images/i, labels/i | sums/i [4]: cross-entropy, correct, samples, correct among 5 |
 * | predict, predictNormalized | images | logits [N, classes] |
 * | readState | | the vectors of the state |
 *
 * `lanes` and `evaluate` are run in part (`Session.runPart`): what is asked for takes the slots that it needs. `train` applies the
 * sum that is kept, `apply` what is fed.
 *
 * Where the config averages weights, evaluate and predict use the average, and `average` (averageDecay -> done) takes the
 * weights into it. Where it mixes samples, a slot also takes mask/i [1,H,W,1] (or [1,1,1,1]) and share/i.
 * Where it says any size, S may be another one in every batch.
 * `apply` and `train` fail and change nothing when loss or gradients are not finite. writeState comes first.
 */
export function encodeReplicaGraph(
  network: Network,
  layout: VectorLayout,
  config: StepConfig = DEFAULT_STEP_CONFIG,
  { numSlots = 1 }: ReplicaGraphOptions = {},
): Uint8Array {
  const graph = new GraphBuilder();
  const variables = declareReplicaVariables(graph, layout, config);
  const average = config.averages ? declareAverage(graph, variables, layout.numTrainedStatistics) : null;
  const scalar = (name: string): Tensor => graph.placeholder(name, 'float32', []);
  const globalBatch = scalar('globalBatch');
  const evaluated = average ?? variables;
  const slots = Array.from({ length: numSlots }, (_, index) =>
    graph.scope(`lane-${index}`, () => emitSlot(graph, { network, layout, config, variables, evaluated, globalBatch })),
  );
  const [slot] = slots;
  if (!slot) throw new Error('a graph needs a slot');
  const sums = emitLaneSums(
    graph,
    slots.map(({ vector }) => vector),
    layout,
  );

  const { rule } = chosenOptimizer(config.optimizer);
  const numbers = mapValues(rule.scalars({ learningRate: 1, step: 1 }), (_, name) => scalar(name));
  const numberSpecs: Specs = mapValues(numbers, (tensor) => [tensor, []]);
  const emitReduced = (reduced: Tensor): { readonly scalars: Tensor; readonly gradientNorm: Tensor } => {
    const cut = (offset: number, length: number): Tensor => slice(graph, reduced, [offset], [length]);
    const scalars = cut(layout.scalars.loss, 4);
    const { done, gradientNorm } = emitUpdate(graph, variables, {
      optimizer: config.optimizer,
      scalars: numbers,
      statisticsMomentum: statisticsMomentum(network),
      groupGradients: variables.groups.map(({ offset, length }) => cut(offset, length)),
      statistics: cut(layout.numTrained, layout.numTrainedStatistics),
      loss: reshape(graph, cut(layout.scalars.loss, 1), []),
    });
    return { scalars, gradientNorm: identity(graph, gradientNorm, 'updated', done) };
  };
  const reducedBits = graph.placeholder('reduced', 'int32', [layout.vectorLength]);
  const applied = emitReduced(bitcast(graph, reducedBits, 'float32'));
  const trained = emitReduced(sums.sum);
  const digest = emitDigest(graph, sums.sum, layout.vectorLength);

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
  const averageDecay = average && scalar('averageDecay');
  const moved = average && averageDecay && emitAverage(graph, { of: variables, average, decay: averageDecay });

  const { imagesShape } = slot;
  const globalSpec: Specs = { globalBatch: [globalBatch, []] };
  const labelsSpec: Specs = { labels: [slot.labels, [-1]] };
  const mixing: Specs = slot.mixup ? { mask: [slot.mixup.mask, [1, -1, -1, 1]], share: [slot.mixup.share, []] } : {};
  const logits: Specs = { logits: [slot.inference.logits, [-1, network.numClasses]] };
  const vectorShape: Shape = [layout.vectorLength];
  const done = (tensor: Tensor): Specs => ({ done: [tensor, []] });
  return encodeSavedModel(graph, {
    writeState: signature(stateSpecs(stateBits), done(identity(graph, floatScalar(graph, 0), 'written', written))),
    ...(averageDecay &&
      moved && {
        average: signature(
          { averageDecay: [averageDecay, []] },
          done(identity(graph, floatScalar(graph, 0), 'averaged', moved)),
        ),
      }),
    lanes: signature(
      { ...slotSpecs(slots, ({ mixup }) => mixup), ...globalSpec },
      mapValues(sums.ranges, (tensor) => [tensor, []]),
    ),
    ...mapValues(sums.folds, (tensor) => signature({}, done(tensor))),
    sum: signature({}, { vector: [identity(graph, sums.sum, 'reduced-vector'), vectorShape] }),
    train: signature(numberSpecs, {
      scalars: [trained.scalars, [4]],
      gradientNorm: [trained.gradientNorm, []],
      digest: [digest, [2]],
    }),
    apply: signature(
      { vector: [reducedBits, vectorShape], ...numberSpecs },
      { gradientNorm: [applied.gradientNorm, []] },
    ),
    gradientsOfNormalized: signature(
      { images: [slot.images, imagesShape], ...labelsSpec, ...globalSpec, ...mixing },
      { vector: [slot.vector, vectorShape] },
    ),
    evaluate: signature(
      slotSpecs(slots, () => null),
      Object.fromEntries(slots.map(({ inference }, index) => [`sums/${index}`, [judged(graph, inference), [4]]])),
    ),
    predict: signature({ images: [slot.pixels, imagesShape] }, logits),
    predictNormalized: signature({ images: [slot.images, imagesShape] }, logits),
    readState: signature({}, stateSpecs(state)),
  });
}

/** What each slot is fed. */
function slotSpecs(slots: readonly LaneSlot[], mixupOf: (slot: LaneSlot) => LaneSlot['mixup']): Specs {
  const specs = slots.flatMap((slot, index): [string, readonly [Tensor, Shape]][] => {
    const mixup = mixupOf(slot);
    return [
      [`images/${index}`, [slot.pixels, slot.imagesShape]],
      [`labels/${index}`, [slot.labels, [-1]]],
      ...(mixup
        ? [
            [`mask/${index}`, [mixup.mask, [1, -1, -1, 1]]] as [string, readonly [Tensor, Shape]],
            [`share/${index}`, [mixup.share, []]] as [string, readonly [Tensor, Shape]],
          ]
        : []),
    ];
  });
  return Object.fromEntries(specs);
}

const judged = (graph: GraphBuilder, { lossSum, correct, samples, correctTop5 }: LaneSlot['inference']): Tensor =>
  stackScalars(graph, [lossSum, correct, samples, correctTop5], 'float32');
