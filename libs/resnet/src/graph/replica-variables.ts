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
import type { VectorLayout } from '../layout.js';
import { decayOf, type TrainingRules } from '../training-rules.js';

/** Weights and their velocities, and which of them weight decay applies to. */
interface ParameterGroup {
  readonly parameters: Variable;
  readonly velocity: Variable;
  readonly decay: 'all' | 'none' | readonly number[];
  /** Place in the flat vectors. */
  readonly offset: number;
  readonly length: number;
}

/**
 * A replica's state in the session. The flat parameter vector is two variables, kernels and the rest, because they are
 * usually decayed differently; each weight is a slice, which for kernels costs nothing (their sizes are multiples of 64 bytes).
 */
export interface ReplicaVariables {
  /** In the order of the flat vectors; a group may be missing if the network has no such weights. */
  readonly groups: readonly ParameterGroup[];
  readonly statistics: Variable;
}

export function declareReplicaVariables(
  graph: GraphBuilder,
  layout: VectorLayout,
  rules: TrainingRules,
): ReplicaVariables {
  const group = (name: string, offset: number, end: number): ParameterGroup => ({
    parameters: variable(graph, `${name}-parameters`, 'float32', [end - offset]),
    velocity: variable(graph, `${name}-velocity`, 'float32', [end - offset]),
    decay: decayOf(layout, rules, { offset, length: end - offset }),
    offset,
    length: end - offset,
  });
  return {
    groups: [
      group('decayed', 0, layout.numKernelElements),
      group('plain', layout.numKernelElements, layout.numParameters),
    ].filter(({ length }) => length > 0),
    statistics: variable(graph, 'statistics', 'float32', [layout.numStatistics]),
  };
}

/** The state as three flat vectors. */
export interface StateTensors {
  readonly parameters: Tensor;
  readonly momentum: Tensor;
  readonly statistics: Tensor;
}

/** Reads the state. */
export function readReplica(graph: GraphBuilder, { groups, statistics }: ReplicaVariables): StateTensors {
  const flat = (field: 'parameters' | 'velocity'): Tensor =>
    concatenate(
      graph,
      groups.map((group) => readVariable(graph, group[field])),
      'float32',
    );
  return { parameters: flat('parameters'), momentum: flat('velocity'), statistics: readVariable(graph, statistics) };
}

/** Assigns the state from three flat vectors that were fed, as the bits of int32. */
export function writeReplica(graph: GraphBuilder, variables: ReplicaVariables, fed: StateTensors): readonly Tensor[] {
  return [
    ...variables.groups.map(({ velocity, offset, length }) =>
      assignVariable(graph, velocity, owned(graph, fed.momentum, offset, length)),
    ),
    ...writeWeights(graph, variables, fed),
  ];
}

/** Assigns weights and running statistics alone, as the bits of int32; there is no momentum then. */
export function writeWeights(
  graph: GraphBuilder,
  { groups, statistics }: ReplicaVariables,
  fed: Pick<StateTensors, 'parameters' | 'statistics'>,
): readonly Tensor[] {
  return [
    ...groups.map(({ parameters, offset, length }) =>
      assignVariable(graph, parameters, owned(graph, fed.parameters, offset, length)),
    ),
    assignVariable(graph, statistics, owned(graph, fed.statistics, 0, -1)),
  ];
}

/** A variable would share the memory of what was fed, or of a slice of it: each gets a copy of its own. */
function owned(graph: GraphBuilder, bits: Tensor, offset: number, length: number): Tensor {
  return deepCopy(graph, slice(graph, bitcast(graph, bits, 'float32'), [offset], [length]));
}
