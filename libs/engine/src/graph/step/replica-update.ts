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
  reshape,
  slice,
  squareRoot,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import type { VectorLayout } from '#resnet';
import { CLIP_EPSILON } from '../../optimizers/clip-epsilon.js';
import { emitOptimizer } from '../../optimizers/emit-optimizer.js';
import type { ReplicaVariables } from './replica-variables.js';

/** What TensorFlow's error says when an update was refused. */
export const NOT_FINITE_MESSAGE = 'loss or gradient is not finite';

/** A reduced gradient vector in parts, each flat. */
export interface ReducedVector {
  /** Gradient of each parameter group, in the order of the groups. */
  readonly groupGradients: readonly Tensor[];
  /** Batch statistics. */
  readonly statistics: Tensor;
  /** Loss, correct, samples, 0: as at the vector's end. */
  readonly scalars: Tensor;
}

/** What the updates of all devices wait for. */
export interface VectorCheck {
  /** Fails the run when the loss or a gradient is not finite; used as `after`. */
  readonly isFinite: Tensor;
  /** Euclidean norm of the gradients of all groups, before it is clipped: a scalar. */
  readonly gradientNorm: Tensor;
  /** What each gradient is multiplied by; null where the run does not clip. */
  readonly clipShare: Tensor | null;
}

export interface UpdateOptions {
  readonly optimizer: OptimizerSettings;
  /** The numbers of the step that the optimiser's rule names. */
  readonly numbers: Readonly<Record<string, Tensor>>;
  /** The share of the new statistics. */
  readonly statisticsMomentum: number;
}

/** The parts of a vector [V]. */
export function partsOfVector(
  graph: GraphBuilder,
  reduced: Tensor,
  { groups }: Pick<ReplicaVariables, 'groups'>,
  layout: VectorLayout,
): ReducedVector {
  const cut = (offset: number, length: number): Tensor => slice(graph, reduced, [offset], [length]);
  return {
    groupGradients: groups.map(({ offset, length }) => cut(offset, length)),
    statistics: cut(layout.numTrained, layout.numTrainedStatistics),
    scalars: cut(layout.scalars.loss, 4),
  };
}

/** Looks whether loss and gradients are finite, and how much they are clipped. */
export function emitCheck(
  graph: GraphBuilder,
  { groupGradients, statistics, scalars }: ReducedVector,
  { clipNorm }: Pick<OptimizerSettings, 'clipNorm'>,
): VectorCheck {
  return graph.scope('check', () => {
    // One pass over each vector: a sum of squares is finite only if every element is.
    const halves = groupGradients.map((vector) => halfSquaredNorm(graph, vector));
    const loss = reshape(graph, slice(graph, scalars, [0], [1]), []);
    const witness = [...halves, halfSquaredNorm(graph, statistics)].reduce(
      (total, half) => add(graph, total, half),
      loss,
    );
    const isFinite = assertFinite(graph, witness, NOT_FINITE_MESSAGE);
    const half = halves.reduce((total, next) => add(graph, total, next), floatScalar(graph, 0));
    const gradientNorm = multiply(graph, squareRoot(graph, half), floatScalar(graph, Math.SQRT2));
    if (clipNorm === undefined) return { isFinite, gradientNorm, clipShare: null };
    const room = add(graph, gradientNorm, floatScalar(graph, CLIP_EPSILON));
    const clipShare = minimum(graph, divide(graph, floatScalar(graph, clipNorm), room), floatScalar(graph, 1));
    return { isFinite, gradientNorm, clipShare };
  });
}

/**
 * Clips the gradient where the run does, takes the optimiser's step, and moves the running statistics towards the batch's.
 * Nothing is changed when the check fails: the run fails instead. Returns what has to have run.
 */
export function emitUpdate(
  graph: GraphBuilder,
  variables: ReplicaVariables,
  reduced: ReducedVector,
  { isFinite, clipShare }: VectorCheck,
  { optimizer, numbers, statisticsMomentum: share }: UpdateOptions,
): readonly Tensor[] {
  return graph.scope('update', () => {
    const after = [isFinite];
    const updates = variables.groups.flatMap((group, index) => {
      const whole = reduced.groupGradients[index];
      if (whole === undefined) throw new Error(`parameter group ${index} has no gradient`);
      const gradient = clipShare === null ? whole : multiply(graph, whole, clipShare);
      return emitOptimizer(graph, group, { optimizer, gradient, scalars: numbers }, after);
    });
    const running = add(
      graph,
      multiply(graph, readVariable(graph, variables.statistics), floatScalar(graph, 1 - share)),
      multiply(graph, reduced.statistics, floatScalar(graph, share)),
    );
    return [...updates, assignVariable(graph, variables.statistics, running, after)];
  });
}
