import type { OptimizerSettings } from '#contracts';
import {
  add,
  assertFinite,
  assignVariable,
  divide,
  floatScalar,
  halfSquaredNorm,
  minimum,
  multiply,
  readVariable,
  squareRoot,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import { CLIP_EPSILON } from '../../optimizers/clip-epsilon.js';
import { emitOptimizer } from '../../optimizers/emit-optimizer.js';
import type { ReplicaVariables } from './replica-variables.js';

/** What TensorFlow's error says when an update was refused. */
export const NOT_FINITE_MESSAGE = 'loss or gradient is not finite';

export interface UpdateInputs {
  /** Gradient of each parameter group, flat, in the order of the groups. */
  readonly groupGradients: readonly Tensor[];
  /** Batch statistics, flat. */
  readonly statistics: Tensor;
  readonly loss: Tensor;
  readonly optimizer: OptimizerSettings;
  /** The numbers of the step that the optimiser's rule names. */
  readonly scalars: Readonly<Record<string, Tensor>>;
  /** The share of the new statistics. */
  readonly statisticsMomentum: number;
}

export interface EmittedUpdate {
  /** What has to have run. */
  readonly done: readonly Tensor[];
  /** Euclidean norm of the gradients of all groups, before it is clipped: a scalar. */
  readonly gradientNorm: Tensor;
}

/**
 * Clips the gradient where the run does, takes the optimiser's step, and moves the running statistics towards the batch's.
 * Nothing is changed when the loss or a gradient is not finite: the run fails instead.
 */
export function emitUpdate(graph: GraphBuilder, variables: ReplicaVariables, inputs: UpdateInputs): EmittedUpdate {
  return graph.scope('update', () => {
    const { groupGradients, optimizer, scalars, statisticsMomentum: share } = inputs;
    // One pass over each vector: a sum of squares is finite only if every element is.
    const halves = groupGradients.map((vector) => halfSquaredNorm(graph, vector));
    const witness = [...halves, halfSquaredNorm(graph, inputs.statistics)].reduce(
      (total, half) => add(graph, total, half),
      inputs.loss,
    );
    const after = [assertFinite(graph, witness, NOT_FINITE_MESSAGE)];
    const half = halves.reduce((total, next) => add(graph, total, next), floatScalar(graph, 0));
    const gradientNorm = multiply(graph, squareRoot(graph, half), floatScalar(graph, Math.SQRT2));
    const clip = clipping(graph, gradientNorm, optimizer);
    const updates = variables.groups.flatMap((group, index) => {
      const gradient = groupGradients[index];
      if (gradient === undefined) throw new Error(`parameter group ${index} has no gradient`);
      return emitOptimizer(graph, group, { optimizer, gradient: clip(gradient), scalars }, after);
    });
    const running = add(
      graph,
      multiply(graph, readVariable(graph, variables.statistics), floatScalar(graph, 1 - share)),
      multiply(graph, inputs.statistics, floatScalar(graph, share)),
    );
    return { done: [...updates, assignVariable(graph, variables.statistics, running, after)], gradientNorm };
  });
}

function clipping(
  graph: GraphBuilder,
  norm: Tensor,
  { clipNorm }: Pick<OptimizerSettings, 'clipNorm'>,
): (gradient: Tensor) => Tensor {
  if (clipNorm === undefined) return (gradient) => gradient;
  const room = add(graph, norm, floatScalar(graph, CLIP_EPSILON));
  const share = minimum(graph, divide(graph, floatScalar(graph, clipNorm), room), floatScalar(graph, 1));
  return (gradient) => multiply(graph, gradient, share);
}
