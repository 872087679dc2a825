import { chosenOptimizer, type OptimizerSettings } from '#contracts';
import {
  add,
  applyMomentum,
  assignVariable,
  floatScalar,
  floatVector,
  multiply,
  readVariable,
  type GraphBuilder,
  type Tensor,
  type Variable,
} from '#tensorflow-graph';
import { mapValues, taken } from '../named.js';
import { graphOperations, type TensorPlace } from './graph-operations.js';

/** Parameters that lie together in a variable, what the optimiser remembers of them, and what weight decay applies to. */
export interface OptimizedGroup {
  readonly parameters: Variable;
  readonly slots: Readonly<Record<string, Variable>>;
  /** 1 for each element that decays, 0 for the others, or all of them, or none. */
  readonly decay: 'all' | 'none' | readonly number[];
  /** Offsets count from the group's beginning. */
  readonly tensors: readonly TensorPlace[];
}

export interface GroupStep {
  readonly optimizer: OptimizerSettings;
  readonly gradient: Tensor;
  /** The numbers of the step that the optimiser's rule names. */
  readonly scalars: Readonly<Record<string, Tensor>>;
}

/** One step of an optimiser on a group, not before `after`. Returns what has to have run. */
export function emitOptimizer(
  graph: GraphBuilder,
  group: OptimizedGroup,
  step: GroupStep,
  after: readonly Tensor[],
): readonly Tensor[] {
  if (step.optimizer.kind === 'sgd') return [emitMomentum(graph, group, { ...step, ...step.optimizer }, after)];
  const { rule } = chosenOptimizer(step.optimizer);
  const updated = rule.update(graphOperations(graph, group.tensors), {
    weights: readVariable(graph, group.parameters),
    gradient: step.gradient,
    decay: decayOf(graph, group, step),
    slots: mapValues(group.slots, (slot) => readVariable(graph, slot)),
    scalars: step.scalars,
  });
  const kept = Object.entries(group.slots).map(([name, slot]) =>
    assignVariable(graph, slot, taken(updated.slots, name), after),
  );
  return [...kept, assignVariable(graph, group.parameters, updated.weights, after)];
}

/** SGD's rule in TensorFlow's own kernel: one pass over the memory instead of five. */
function emitMomentum(
  graph: GraphBuilder,
  group: OptimizedGroup,
  step: GroupStep & { readonly nesterov: boolean },
  after: readonly Tensor[],
): Tensor {
  const { parameters, slots, decay } = group;
  const { gradient, scalars, nesterov } = step;
  const term = multiply(graph, readVariable(graph, parameters), taken(scalars, 'weightDecay'));
  const spared = decay === 'all' || decay === 'none' ? term : multiply(graph, term, floatVector(graph, decay));
  return applyMomentum(
    graph,
    {
      parameters,
      velocity: taken(slots, 'momentum'),
      gradient: decay === 'none' ? gradient : add(graph, gradient, spared),
      learningRate: taken(scalars, 'learningRate'),
      momentum: taken(scalars, 'momentum'),
      nesterov,
    },
    after,
  );
}

function decayOf(graph: GraphBuilder, { decay }: OptimizedGroup, { scalars }: GroupStep): Tensor {
  const weightDecay = taken(scalars, 'weightDecay');
  if (decay === 'all') return weightDecay;
  return decay === 'none' ? floatScalar(graph, 0) : multiply(graph, floatVector(graph, decay), weightDecay);
}
