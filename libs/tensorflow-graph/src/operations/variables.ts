import { attribute } from '../attribute.js';
import type { DataType, Shape } from '../data-type.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';
import { constant } from './constants.js';

/** A tensor that lives in the session from run to run, on the device. */
export interface Variable {
  readonly handle: Tensor;
  readonly dtype: DataType;
}

/** Declares a variable. It holds nothing until something is assigned. */
export function variable(graph: GraphBuilder, name: string, dtype: DataType, shape: Shape): Variable {
  const handle = graph.tensor('VarHandleOp', 'resource', {
    name,
    attributes: {
      dtype: attribute.type(dtype),
      shape: attribute.shape(shape),
      container: attribute.string(''),
      shared_name: attribute.string(name),
    },
  });
  return { handle, dtype };
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
  const text = constant(graph, { dtype: 'string', shape: [], values: [message] });
  return graph.effect('Assert', {
    inputs: [isFinite, text, scalar],
    attributes: { T: attribute.types(['string', scalar.dtype]), summarize: attribute.int(3) },
  });
}
