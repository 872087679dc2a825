import {
  assignVariable,
  bitcast,
  concatenate,
  deepCopy,
  readVariable,
  slice,
  variable,
  type GraphBuilder,
  type Tensor,
  type Variable,
} from '#tensorflow-graph';
import type { VectorLayout } from '#resnet';
import { chosenOptimizer } from '#contracts';
import type { OptimizedGroup } from '../../optimizers/emit-optimizer.js';
import { decayOf, kindOf } from '../../optimizers/weight-decay.js';
import { mapValues, taken } from '../../named.js';
import type { StateOf } from '../../state.js';
import type { StepConfig } from '../../step-config.js';

/** Weights that are trained. */
interface ParameterGroup extends OptimizedGroup {
  /** Place in the flat vectors. */
  readonly offset: number;
  readonly length: number;
}

/**
 * A replica's state in the session. The flat parameter vector is two variables, kernels and the rest, because they are
 * usually decayed differently; each weight is a slice, which for kernels costs nothing (their sizes are multiples of 64 bytes).
 */
export interface ReplicaVariables {
  /** What the optimiser remembers, by name. */
  readonly slots: readonly string[];
  /** In the order of the flat vectors; a group may be missing if the network has no such weights. */
  readonly groups: readonly ParameterGroup[];
  /** Of batch normalisations that are trained. */
  readonly statistics: Variable;
  /** What is frozen: read by the passes, written by nothing but writeState. */
  readonly frozen: readonly Pick<ParameterGroup, 'parameters' | 'offset' | 'length'>[];
  readonly frozenStatistics: Variable | null;
  /** Where the frozen statistics begin; -1 where there are none. */
  readonly numTrainedStatistics: number;
}

export function declareReplicaVariables(
  graph: GraphBuilder,
  layout: VectorLayout,
  { optimizer }: Pick<StepConfig, 'optimizer'>,
): ReplicaVariables {
  const { slots } = chosenOptimizer(optimizer);
  const group = (name: string, offset: number, end: number): ParameterGroup => {
    const flat = (what: string): Variable => variable(graph, `${name}-${what}`, 'float32', [end - offset]);
    return {
      parameters: flat('parameters'),
      slots: Object.fromEntries(slots.map((slot) => [slot, flat(slot)])),
      decay: decayOf(layout, optimizer, { offset, length: end - offset }),
      tensors: layout.parameters
        .filter((entry) => entry.offset >= offset && entry.offset < end)
        .map((entry) => ({ offset: entry.offset - offset, length: entry.length, kind: kindOf(entry) })),
      offset,
      length: end - offset,
    };
  };
  const numFrozen = layout.numParameters - layout.numTrained;
  const numFrozenStatistics = layout.numStatistics - layout.numTrainedStatistics;
  return {
    slots,
    groups: [
      group('decayed', 0, layout.numKernelElements),
      group('plain', layout.numKernelElements, layout.numTrained),
    ].filter(({ length }) => length > 0),
    statistics: variable(graph, 'statistics', 'float32', [layout.numTrainedStatistics]),
    frozen:
      numFrozen === 0
        ? []
        : [
            {
              parameters: variable(graph, 'frozen-parameters', 'float32', [numFrozen]),
              offset: layout.numTrained,
              length: numFrozen,
            },
          ],
    frozenStatistics:
      numFrozenStatistics === 0 ? null : variable(graph, 'frozen-statistics', 'float32', [numFrozenStatistics]),
    numTrainedStatistics: numFrozenStatistics === 0 ? -1 : layout.numTrainedStatistics,
  };
}

/** Reads the state. */
export function readReplica(graph: GraphBuilder, variables: ReplicaVariables): StateOf<Tensor> {
  const { groups, frozen, statistics, frozenStatistics } = variables;

  const flat = (parts: readonly Variable[]): Tensor =>
    concatenate(
      graph,
      parts.map((part) => readVariable(graph, part)),
      'float32',
    );
  return {
    parameters: flat([...groups, ...frozen].map((group) => group.parameters)),
    statistics: flat(frozenStatistics === null ? [statistics] : [statistics, frozenStatistics]),
    slots: Object.fromEntries(
      variables.slots.map((slot) => [slot, flat(groups.map((group) => taken(group.slots, slot)))]),
    ),
  };
}

/** Assigns the state from flat vectors that were fed, as the bits of int32. */
export function writeReplica(
  graph: GraphBuilder,
  variables: ReplicaVariables,
  fed: Pick<StateOf<Tensor>, 'parameters' | 'statistics' | 'slots'>,
): readonly Tensor[] {
  return [
    ...variables.groups.flatMap(({ slots, offset, length }) =>
      Object.values(
        mapValues(slots, (slot, name) =>
          assignVariable(graph, slot, owned(graph, taken(fed.slots, name), offset, length)),
        ),
      ),
    ),
    ...writeWeights(graph, variables, fed),
  ];
}

/** Assigns weights and running statistics alone, as the bits of int32; the optimiser's slots are as they were. */
export function writeWeights(
  graph: GraphBuilder,
  variables: ReplicaVariables,
  fed: Pick<StateOf<Tensor>, 'parameters' | 'statistics'>,
): readonly Tensor[] {
  const { frozen, frozenStatistics, numTrainedStatistics } = variables;
  return [
    ...writeTrained(graph, variables, fed),
    ...frozen.map(({ parameters, offset, length }) =>
      assignVariable(graph, parameters, owned(graph, fed.parameters, offset, length)),
    ),
    ...(frozenStatistics === null
      ? []
      : [assignVariable(graph, frozenStatistics, owned(graph, fed.statistics, numTrainedStatistics, -1))]),
  ];
}

/** The same without what is frozen. */
export function writeTrained(
  graph: GraphBuilder,
  { groups, statistics, numTrainedStatistics }: ReplicaVariables,
  fed: Pick<StateOf<Tensor>, 'parameters' | 'statistics'>,
): readonly Tensor[] {
  return [
    ...groups.map(({ parameters, offset, length }) =>
      assignVariable(graph, parameters, owned(graph, fed.parameters, offset, length)),
    ),
    assignVariable(graph, statistics, owned(graph, fed.statistics, 0, numTrainedStatistics)),
  ];
}

/** A variable would share the memory of what was fed, or of a slice of it: each gets a copy of its own. */
function owned(graph: GraphBuilder, bits: Tensor, offset: number, length: number): Tensor {
  return deepCopy(graph, slice(graph, bitcast(graph, bits, 'float32'), [offset], [length]));
}
