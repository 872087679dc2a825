import {
  add,
  applyMomentum,
  assertFinite,
  assignVariable,
  floatScalar,
  floatVector,
  halfSquaredNorm,
  multiply,
  readVariable,
  type GraphBuilder,
  type Tensor,
  type Variable,
} from '#tensorflow-graph';
import type { ReplicaVariables } from './replica-variables.js';

/** What TensorFlow's error says when an update was refused. */
export const NOT_FINITE_MESSAGE = 'loss or gradient is not finite';

export interface UpdateInputs {
  /** Gradient of each parameter group, flat, in the order of the groups. */
  readonly groupGradients: readonly Tensor[];
  /** Batch statistics, flat. */
  readonly statistics: Tensor;
  readonly loss: Tensor;
  readonly learningRate: Tensor;
  readonly momentum: Tensor;
  readonly weightDecay: Tensor;
  /** PyTorch's batch-norm momentum: the share of the new statistics. */
  readonly statisticsMomentum: number;
  readonly nesterov: boolean;
}

/**
 * u = momentum*u + (g + weightDecay*w), weight decay where it applies; w -= learningRate*u, or Nesterov's form; running
 * statistics move towards the batch's. Nothing is changed when the loss or a gradient is not finite: the run fails
 * instead.
 */
export function emitUpdate(graph: GraphBuilder, variables: ReplicaVariables, inputs: UpdateInputs): readonly Tensor[] {
  return graph.scope('update', () => {
    // One pass over each vector: a sum of squares is finite only if every element is.
    const norms = [...inputs.groupGradients, inputs.statistics].map((vector) => halfSquaredNorm(graph, vector));
    const witness = norms.reduce((total, norm) => add(graph, total, norm), inputs.loss);
    const after = [assertFinite(graph, witness, NOT_FINITE_MESSAGE)];
    const updates = variables.groups.map(({ parameters, velocity, decay }, index) => {
      const gradient = inputs.groupGradients[index];
      if (gradient === undefined) throw new Error(`parameter group ${index} has no gradient`);
      const { learningRate, momentum, weightDecay, nesterov } = inputs;
      const decayed =
        decay === 'none' ? gradient : add(graph, gradient, decayTerm(graph, parameters, decay, weightDecay));
      return applyMomentum(graph, { parameters, velocity, gradient: decayed, learningRate, momentum, nesterov }, after);
    });
    const share = inputs.statisticsMomentum;
    const running = add(
      graph,
      multiply(graph, readVariable(graph, variables.statistics), floatScalar(graph, 1 - share)),
      multiply(graph, inputs.statistics, floatScalar(graph, share)),
    );
    return [...updates, assignVariable(graph, variables.statistics, running, after)];
  });
}

function decayTerm(
  graph: GraphBuilder,
  parameters: Variable,
  decay: 'all' | readonly number[],
  weightDecay: Tensor,
): Tensor {
  const term = multiply(graph, readVariable(graph, parameters), weightDecay);
  return decay === 'all' ? term : multiply(graph, term, floatVector(graph, decay));
}
