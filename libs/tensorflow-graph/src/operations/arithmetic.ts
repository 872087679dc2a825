import { attribute } from '../attribute.js';
import type { DataType } from '../data-type.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';
import { intScalar, intVector } from './constants.js';

/** Element-wise operations of two tensors; the smaller shape is broadcast. */
type BinaryOperation = 'AddV2' | 'Sub' | 'Mul' | 'RealDiv' | 'Maximum' | 'Minimum' | 'RightShift';

function binary(graph: GraphBuilder, type: BinaryOperation, left: Tensor, right: Tensor): Tensor {
  return graph.tensor(type, left.dtype, { inputs: [left, right], attributes: { T: attribute.type(left.dtype) } });
}

export const add = (graph: GraphBuilder, left: Tensor, right: Tensor): Tensor => binary(graph, 'AddV2', left, right);
export const subtract = (graph: GraphBuilder, left: Tensor, right: Tensor): Tensor => binary(graph, 'Sub', left, right);
export const multiply = (graph: GraphBuilder, left: Tensor, right: Tensor): Tensor => binary(graph, 'Mul', left, right);
export const divide = (graph: GraphBuilder, left: Tensor, right: Tensor): Tensor =>
  binary(graph, 'RealDiv', left, right);
export const maximum = (graph: GraphBuilder, left: Tensor, right: Tensor): Tensor =>
  binary(graph, 'Maximum', left, right);
export const minimum = (graph: GraphBuilder, left: Tensor, right: Tensor): Tensor =>
  binary(graph, 'Minimum', left, right);

/** Whole numbers moved down by so many bits; of a negative one the sign moves in. */
export const shiftRight = (graph: GraphBuilder, x: Tensor, bits: Tensor): Tensor =>
  binary(graph, 'RightShift', x, bits);

/**
 * left + right of vectors of one shape, not before `after` has run, written over `left` where nobody else reads it. `after`
 * keeps TensorFlow's optimiser away, which makes one sum of a tree of sums, in an order of its own, and leaves out the
 * addition of zeros: it has to be of the same run, and nothing that left or right wait for.
 */
export function addPair(graph: GraphBuilder, left: Tensor, right: Tensor, after: readonly [Tensor]): Tensor {
  return graph.tensor('AddN', left.dtype, {
    inputs: [left, right],
    after,
    attributes: { N: attribute.int(2), T: attribute.type(left.dtype) },
  });
}

function unary(graph: GraphBuilder, type: 'Abs' | 'Floor' | 'Neg', x: Tensor): Tensor {
  return graph.tensor(type, x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

export const negative = (graph: GraphBuilder, x: Tensor): Tensor => unary(graph, 'Neg', x);
export const absolute = (graph: GraphBuilder, x: Tensor): Tensor => unary(graph, 'Abs', x);
/** The largest whole number that is not larger. */
export const floor = (graph: GraphBuilder, x: Tensor): Tensor => unary(graph, 'Floor', x);

/** Whether left > right, element by element, as bool. */
export function greater(graph: GraphBuilder, left: Tensor, right: Tensor): Tensor {
  return graph.tensor('Greater', 'bool', { inputs: [left, right], attributes: { T: attribute.type(left.dtype) } });
}

/** Converts the elements; the tensor itself where it has the type. */
export function cast(graph: GraphBuilder, x: Tensor, dtype: DataType): Tensor {
  if (x.dtype === dtype) return x;
  return graph.tensor('Cast', dtype, {
    inputs: [x],
    attributes: { SrcT: attribute.type(x.dtype), DstT: attribute.type(dtype) },
  });
}

/** 1 where the elements are the same, as `dtype`; 0 elsewhere. */
export function equal(graph: GraphBuilder, left: Tensor, right: Tensor, dtype: DataType): Tensor {
  const same = graph.tensor('Equal', 'bool', {
    inputs: [left, right],
    attributes: { T: attribute.type(left.dtype) },
  });
  return cast(graph, same, dtype);
}

function reduce(graph: GraphBuilder, type: 'Sum' | 'Mean', x: Tensor, axes: readonly number[]): Tensor {
  return graph.tensor(type, x.dtype, {
    inputs: [x, intVector(graph, axes)],
    attributes: { T: attribute.type(x.dtype), Tidx: attribute.type('int32'), keep_dims: attribute.bool(false) },
  });
}

/** Sum over the named axes, which disappear. */
export const sum = (graph: GraphBuilder, x: Tensor, axes: readonly number[]): Tensor => reduce(graph, 'Sum', x, axes);
/** Mean over the named axes, which disappear. */
export const mean = (graph: GraphBuilder, x: Tensor, axes: readonly number[]): Tensor => reduce(graph, 'Mean', x, axes);

/** Square root of each element, rounded correctly. */
export function squareRoot(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('Sqrt', x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

/** 1 / sqrt(x) of each element. */
export function reciprocalRoot(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('Rsqrt', x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

/** Half the sum of squares, a scalar. */
export function halfSquaredNorm(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('L2Loss', x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

/** Index of the largest element along an axis (int32); the first one where several are equal. */
export function argMax(graph: GraphBuilder, x: Tensor, axis: number): Tensor {
  return graph.tensor('ArgMax', 'int32', {
    inputs: [x, intScalar(graph, axis)],
    attributes: { T: attribute.type(x.dtype), Tidx: attribute.type('int32'), output_type: attribute.type('int32') },
  });
}

/** Indices (int32) of the k largest elements along the last axis, the largest first; of equals the lower index first. */
export function topIndices(graph: GraphBuilder, x: Tensor, k: number): Tensor {
  const [, indices] = graph.operation('TopKV2', {
    inputs: [x, intScalar(graph, k)],
    attributes: {
      sorted: attribute.bool(true),
      T: attribute.type(x.dtype),
      Tk: attribute.type('int32'),
      index_type: attribute.type('int32'),
    },
    outputs: [x.dtype, 'int32'],
  });
  if (!indices) throw new Error('two outputs were asked for');
  return indices;
}

/** Matrix product; either matrix may be taken transposed. */
export function matrixMultiply(
  graph: GraphBuilder,
  left: Tensor,
  right: Tensor,
  transpose: { readonly left?: boolean; readonly right?: boolean } = {},
): Tensor {
  return graph.tensor('MatMul', left.dtype, {
    inputs: [left, right],
    attributes: {
      T: attribute.type(left.dtype),
      transpose_a: attribute.bool(transpose.left ?? false),
      transpose_b: attribute.bool(transpose.right ?? false),
    },
  });
}

/** Matrix products over the last two axes; the axes before are broadcast. */
export function batchMatrixMultiply(graph: GraphBuilder, left: Tensor, right: Tensor): Tensor {
  return graph.tensor('BatchMatMulV2', left.dtype, {
    inputs: [left, right],
    attributes: { T: attribute.type(left.dtype), adj_x: attribute.bool(false), adj_y: attribute.bool(false) },
  });
}
