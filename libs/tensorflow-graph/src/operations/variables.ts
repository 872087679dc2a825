import { attribute } from '../attribute.js';
import type { DataType, Shape } from '../data-type.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';
import { cast } from './arithmetic.js';
import { constant } from './constants.js';

/** A tensor that lives in the session from run to run, on the device. */
export interface Variable {
  readonly handle: Tensor;
  readonly dtype: DataType;
  /** By which the session knows it. */
  readonly name: string;
}

/** Declares a variable, whose name is its own in its scope. It holds nothing until something is assigned. */
export function variable(graph: GraphBuilder, name: string, dtype: DataType, shape: Shape | null): Variable {
  const sessionName = graph.scopedName(name);
  const handle = handleOf(graph, name, { name: sessionName, dtype }, shape);
  return { handle, dtype, name: sessionName };
}

function handleOf(
  graph: GraphBuilder,
  nodeName: string,
  { name, dtype }: Pick<Variable, 'name' | 'dtype'>,
  shape: Shape | null,
): Tensor {
  return graph.tensor('VarHandleOp', 'resource', {
    name: nodeName,
    attributes: {
      dtype: attribute.type(dtype),
      shape: attribute.shape(shape),
      container: attribute.string(''),
      shared_name: attribute.string(name),
    },
  });
}

/** The value. Free: it shares the variable's memory, so it must be used up before the variable is changed. */
export function readVariable(graph: GraphBuilder, source: Variable, after: readonly Tensor[] = []): Tensor {
  return graph.tensor('ReadVariableOp', source.dtype, {
    inputs: [source.handle],
    after,
    attributes: { dtype: attribute.type(source.dtype) },
  });
}

/** Replaces the value; use the result as `after`. */
export function assignVariable(
  graph: GraphBuilder,
  target: Variable,
  value: Tensor,
  after: readonly Tensor[] = [],
): Tensor {
  return graph.effect('AssignVariableOp', {
    inputs: [target.handle, value],
    after,
    attributes: { dtype: attribute.type(target.dtype), validate_shape: attribute.bool(false) },
  });
}

/**
 * Gives the memory of a variable back: it has no elements then. By a handle of its own, because TensorFlow takes what is assigned
 * by one handle to be of one length; where it finds two it gives up all it knows of the graph's shapes, and oneDNN's pass aborts
 * the process at a convolution of unknown rank. Use the result as `after`.
 */
export function emptyVariable(graph: GraphBuilder, target: Variable, after: readonly Tensor[] = []): Tensor {
  const handle = handleOf(graph, 'emptied', target, [0]);
  const nothing = constant(graph, { dtype: 'float32', shape: [0], values: [] });
  const value = target.dtype === 'float32' ? nothing : cast(graph, nothing, target.dtype);
  return assignVariable(graph, { ...target, handle }, value, after);
}

/** u = momentum*u + gradient; w -= learningRate*u, or with Nesterov w -= learningRate*(gradient + momentum*u). Use the result as `after`. */
export function applyMomentum(
  graph: GraphBuilder,
  update: {
    readonly parameters: Variable;
    readonly velocity: Variable;
    readonly gradient: Tensor;
    readonly learningRate: Tensor;
    readonly momentum: Tensor;
    readonly nesterov: boolean;
  },
  after: readonly Tensor[] = [],
): Tensor {
  return graph.effect('ResourceApplyMomentum', {
    inputs: [update.parameters.handle, update.velocity.handle, update.learningRate, update.gradient, update.momentum],
    after,
    attributes: {
      T: attribute.type(update.parameters.dtype),
      use_locking: attribute.bool(false),
      use_nesterov: attribute.bool(update.nesterov),
    },
  });
}

/** Fails the run with `message` unless the scalar is finite; use the result as `after`. */
export function assertFinite(graph: GraphBuilder, scalar: Tensor, message: string): Tensor {
  const isFinite = graph.tensor('IsFinite', 'bool', {
    inputs: [scalar],
    attributes: { T: attribute.type(scalar.dtype) },
  });
  // No GPU has strings.
  const text = graph.onDevice('', () => constant(graph, { dtype: 'string', shape: [], values: [message] }));
  return graph.effect('Assert', {
    inputs: [isFinite, text, scalar],
    attributes: { T: attribute.types(['string', scalar.dtype]), summarize: attribute.int(3) },
  });
}
