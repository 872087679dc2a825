import {
  bitcast,
  encodeSavedModel,
  floatScalar,
  GraphBuilder,
  identity,
  tensorSpec,
  type Shape,
  type Signature,
  type Tensor,
} from '#tensorflow-graph';
import type { GradientStage, Network, VectorLayout } from '#resnet';
import { chosenOptimizer } from '#contracts';
import { mapValues, taken } from '../../named.js';
import { byName, fromNames, stateLengths } from '../../state.js';
import { statisticsMomentum } from '../../statistics-momentum.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../../step-config.js';
import { emitDigest } from './digest.js';
import { emitSlot, type LaneSlot } from './lane-slot.js';
import { emitLaneSums, nameOf } from './lane-sums.js';
import { emitOn, emitOnEach, placementOf, type Placement } from './placement.js';
import { emitCheck, emitUpdate, partsOfVector } from './replica-update.js';
import { declareReplicaVariables, readReplica, writeReplica, writeTrained } from './replica-variables.js';
import { emitStagedSums } from './staged-sums.js';
import { cutSlice, fetchedPieces, handRound, slicesOf } from './vector-slices.js';
import { declareAverage, emitAverage } from './weights-average.js';

type Specs = Readonly<Record<string, readonly [Tensor, Shape]>>;

const piecesOf = (graph: GraphBuilder, vector: Tensor, length: number): Specs =>
  Object.fromEntries(
    fetchedPieces(length).map((piece) => [String(piece.offset), [cutSlice(graph, vector, piece), [piece.length]]]),
  );

function signature(inputs: Specs, outputs: Specs): Signature {
  const specs = (of: Specs): Signature['inputs'] =>
    Object.fromEntries(Object.entries(of).map(([key, [tensor, shape]]) => [key, tensorSpec(tensor, shape)]));
  return { inputs: specs(inputs), outputs: specs(outputs) };
}

/** How many lanes a graph drives side by side, and where. */
export interface ReplicaGraphOptions {
  /** Default: 1. */
  readonly numSlots?: number;
  /** Devices as TensorFlow names them, such as `/device:GPU:1`; a name may come twice. Default: one that TensorFlow chooses. */
  readonly devices?: readonly string[];
  /** Of the backward pass, if sums are to be had stage by stage. Default: none. */
  readonly stages?: readonly GradientStage[];
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
 * | stage/s | those of lanes for stage 0, none for those behind it, which follow at once | by `nameOf.range` the stage's parts of the sum of slots |
 * | zeros, round, `nameOf`.push, .fold, .take | | of the sums that are kept: see `LaneInstruction` |
 * | sum | | the sum that is kept [V], in pieces by where they begin |
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
  { numSlots = 1, devices, stages = [] }: ReplicaGraphOptions = {},
): Uint8Array {
  const graph = new GraphBuilder();
  const placement = placementOf(numSlots, devices);
  const replicas = emitOnEach(graph, placement, () => {
    const variables = declareReplicaVariables(graph, layout, config);
    return {
      variables,
      average: config.averages ? declareAverage(graph, variables, layout.numTrainedStatistics) : null,
    };
  });
  const [first] = replicas;
  if (!first) throw new Error('a graph needs a device');
  const { variables, average } = first;
  const scalar = (name: string): Tensor => graph.placeholder(name, 'float32', []);
  const globalBatch = scalar('globalBatch');
  const slots = placement.deviceOfSlot.map((device, index) =>
    emitOn(graph, placement, device, () =>
      graph.scope(`lane-${index}`, () =>
        emitSlot(graph, { network, layout, config, globalBatch, ...at(replicas, device) }),
      ),
    ),
  );
  const [slot] = slots;
  if (!slot) throw new Error('a graph needs a slot');
  const sums = emitLaneSums(
    graph,
    slots.map(({ vector }) => vector),
    layout,
    placement,
  );

  const staged = emitOn(graph, placement, 0, () => emitStagedSums(graph, slots, layout, stages));

  const { rule } = chosenOptimizer(config.optimizer);
  const numbers = mapValues(rule.scalars({ learningRate: 1, step: 1 }), (_, name) => scalar(name));
  const numberSpecs: Specs = mapValues(numbers, (tensor) => [tensor, []]);
  const update = {
    optimizer: config.optimizer,
    numbers,
    statisticsMomentum: statisticsMomentum(network),
  };
  /** Each device has the whole vector and makes the same update of it. */
  const emitReduced = (vectors: readonly Tensor[]): { readonly scalars: Tensor; readonly gradientNorm: Tensor } => {
    const parts = emitOnEach(graph, placement, (device) =>
      partsOfVector(graph, at(vectors, device), variables, layout),
    );
    const check = emitOn(graph, placement, 0, () => emitCheck(graph, at(parts, 0), config.optimizer));
    const done = emitOnEach(graph, placement, (device) =>
      emitUpdate(graph, at(replicas, device).variables, at(parts, device), check, update),
    );
    const { scalars } = at(parts, 0);
    return { scalars, gradientNorm: identity(graph, check.gradientNorm, 'updated', done.flat()) };
  };
  const reducedBits = graph.placeholder('reduced', 'int32', [layout.vectorLength]);
  const applied = emitReduced(emitFed(graph, placement, reducedBits, layout.vectorLength));
  const trained = emitReduced(sums.sums);
  const reduced = at(sums.sums, 0);
  const digest = emitOn(graph, placement, 0, () => emitDigest(graph, reduced, layout.vectorLength));

  // All devices have the same state: the first is asked for it.
  const state = emitOn(graph, placement, 0, () => {
    const averaged = average && readReplica(graph, average);
    return byName({ ...readReplica(graph, variables), ...(averaged && { average: averaged }) });
  });
  const lengths = byName(stateLengths(layout, config));
  const bitsOf = (length: number, name: string): Tensor => graph.placeholder(`${name}-bits`, 'int32', [length]);
  const stateBits = mapValues(lengths, bitsOf);
  const fed = fromNames(stateBits);
  const written = emitOnEach(graph, placement, (device) => {
    const own = at(replicas, device);
    const ofAverage = own.average && fed.average ? writeTrained(graph, own.average, fed.average) : [];
    return [...writeReplica(graph, own.variables, fed), ...ofAverage];
  }).flat();
  const stateSpecs = (of: Readonly<Record<string, Tensor>>): Specs =>
    mapValues(lengths, (length, name) => [taken(of, name), [length]]);
  const averageDecay = average && scalar('averageDecay');
  const moved =
    averageDecay &&
    emitOnEach(graph, placement, (device) => {
      const own = at(replicas, device);
      return own.average ? emitAverage(graph, { of: own.variables, average: own.average, decay: averageDecay }) : [];
    }).flat();

  const { imagesShape } = slot;
  const globalSpec: Specs = { globalBatch: [globalBatch, []] };
  const labelsSpec: Specs = { labels: [slot.labels, [-1]] };
  const mixing: Specs = slot.mixup ? { mask: [slot.mixup.mask, [1, -1, -1, 1]], share: [slot.mixup.share, []] } : {};
  const lanesSpecs: Specs = { ...slotSpecs(slots, ({ mixup }) => mixup), ...globalSpec };
  const stageSignatures = Object.fromEntries(
    staged.map((sumsOfStage, stage) => [
      nameOf.stage(stage),
      signature(
        stage === 0 ? lanesSpecs : {},
        mapValues(sumsOfStage, (tensor) => [tensor, [stages[stage]?.numElements ?? 0]]),
      ),
    ]),
  );
  const logits: Specs = { logits: [slot.logits, [-1, network.numClasses]] };
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
      lanesSpecs,
      mapValues(sums.ranges, (tensor) => [tensor, []]),
    ),
    ...stageSignatures,
    ...mapValues(sums.folds, (tensor) => signature({}, done(tensor))),
    sum: signature(
      {},
      emitOn(graph, placement, 0, () => piecesOf(graph, reduced, layout.vectorLength)),
    ),
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
      Object.fromEntries(slots.map(({ counts }, index) => [`sums/${index}`, [counts, [4]]])),
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

/** On each device a vector [V] that is fed as int32: each takes its slice from the host, and has the others from its neighbours. */
function emitFed(graph: GraphBuilder, placement: Placement, bits: Tensor, length: number): readonly Tensor[] {
  const slices = slicesOf(length, placement.devices.length);
  const isOne = slices.length === 1;
  const fed = emitOnEach(graph, placement, (device) =>
    bitcast(graph, isOne ? bits : cutSlice(graph, bits, at(slices, device)), 'float32'),
  );
  return handRound(graph, placement, fed);
}

function at<Each>(all: readonly Each[], index: number): Each {
  const each = all[index];
  if (each === undefined) throw new RangeError(`nothing is at place ${index} of ${all.length}`);
  return each;
}
