import {
  add,
  assignVariable,
  floatScalar,
  multiply,
  readVariable,
  subtract,
  variable,
  type GraphBuilder,
  type Tensor,
  type Variable,
} from '#tensorflow-graph';
import type { ReplicaVariables } from './replica-variables.js';

/** The average of a replica's weights and statistics: variables of the same places; the slots are the replica's. */
export function declareAverage(
  graph: GraphBuilder,
  variables: ReplicaVariables,
  numStatistics: number,
): ReplicaVariables {
  const { groups, statistics } = variables;
  return {
    // What is frozen is its own average.
    ...variables,
    groups: groups.map((group, index) => ({
      ...group,
      parameters: variable(graph, `average-${index}`, group.parameters.dtype, [group.length]),
    })),
    statistics: variable(graph, 'average-statistics', statistics.dtype, [numStatistics]),
  };
}

/** average = decay*average + (1 - decay)*weights, and the same for statistics. */
export function emitAverage(
  graph: GraphBuilder,
  {
    of: source,
    average,
    decay,
  }: { readonly of: ReplicaVariables; readonly average: ReplicaVariables; readonly decay: Tensor },
): readonly Tensor[] {
  const others = subtract(graph, floatScalar(graph, 1), decay);
  const move = (kept: Variable, to: Variable): Tensor => {
    const moved = add(
      graph,
      multiply(graph, readVariable(graph, kept), decay),
      multiply(graph, readVariable(graph, to), others),
    );
    return assignVariable(graph, kept, moved);
  };
  return [
    ...average.groups.flatMap(({ parameters }, index) => {
      const group = source.groups[index];
      return group ? [move(parameters, group.parameters)] : [];
    }),
    move(average.statistics, source.statistics),
  ];
}
