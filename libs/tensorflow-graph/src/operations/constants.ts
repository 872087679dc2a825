import { attribute } from '../attribute.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';
import type { Literal } from '../tensor-literal.js';

/** A tensor that is part of the graph. Keep it small: it is written into the file and copied into every session. */
export function constant(graph: GraphBuilder, literal: Literal): Tensor {
  return graph.tensor('Const', literal.dtype, {
    attributes: { dtype: attribute.type(literal.dtype), value: attribute.tensor(literal) },
  });
}

/** A float32 scalar. */
export function floatScalar(graph: GraphBuilder, value: number): Tensor {
  return constant(graph, { dtype: 'float32', shape: [], values: [value] });
}

/** A vector of float32. */
export function floatVector(graph: GraphBuilder, values: readonly number[]): Tensor {
  return constant(graph, { dtype: 'float32', shape: [values.length], values });
}

/** An int32 scalar. */
export function intScalar(graph: GraphBuilder, value: number): Tensor {
  return constant(graph, { dtype: 'int32', shape: [], values: [value] });
}

/** A vector of int32: sizes, positions and axes are given to operations in this form. */
export function intVector(graph: GraphBuilder, values: readonly number[]): Tensor {
  return constant(graph, { dtype: 'int32', shape: [values.length], values });
}

/** A vector of int64. */
export function longVector(graph: GraphBuilder, values: BigInt64Array): Tensor {
  return constant(graph, { dtype: 'int64', shape: [values.length], values });
}

/** An int64 scalar. */
export function longScalar(graph: GraphBuilder, value: bigint): Tensor {
  return constant(graph, { dtype: 'int64', shape: [], values: BigInt64Array.of(value) });
}
