import { attribute } from '../attribute.js';
import type { DataType } from '../data-type.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';
import { constant, floatScalar, intScalar, intVector } from './constants.js';

const INDEX = attribute.type('int32');

/** The shape, as an int32 vector. */
export function shapeOf(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('Shape', 'int32', {
    inputs: [x],
    attributes: { T: attribute.type(x.dtype), out_type: INDEX },
  });
}

/** The same elements in another shape; one size may be -1. Free: nothing is copied. */
export function reshape(graph: GraphBuilder, x: Tensor, shape: readonly number[]): Tensor {
  return reshapeLike(graph, x, intVector(graph, shape));
}

/** The same elements in the shape that an int32 vector holds. */
export function reshapeLike(graph: GraphBuilder, x: Tensor, shape: Tensor): Tensor {
  return graph.tensor('Reshape', x.dtype, {
    inputs: [x, shape],
    attributes: { T: attribute.type(x.dtype), Tshape: INDEX },
  });
}

/** A box cut out of a tensor, of the size that an int32 vector holds. */
export function sliceOfSize(graph: GraphBuilder, x: Tensor, begin: readonly number[], size: Tensor): Tensor {
  return graph.tensor('Slice', x.dtype, {
    inputs: [x, intVector(graph, begin), size],
    attributes: { T: attribute.type(x.dtype), Index: INDEX },
  });
}

/**
 * A box cut out of a tensor; a size of -1 reaches to the end. On the first axis alone TensorFlow shares the memory where
 * begin and end fall on 64 bytes, and copies elsewhere.
 */
export function slice(graph: GraphBuilder, x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  return graph.tensor('Slice', x.dtype, {
    inputs: [x, intVector(graph, begin), intVector(graph, size)],
    attributes: { T: attribute.type(x.dtype), Index: INDEX },
  });
}

/** Zeros around a tensor: [before, after] for each axis. */
export function pad(graph: GraphBuilder, x: Tensor, paddings: readonly (readonly [number, number])[]): Tensor {
  const sizes = constant(graph, { dtype: 'int32', shape: [paddings.length, 2], values: paddings.flat() });
  return graph.tensor('Pad', x.dtype, {
    inputs: [x, sizes],
    attributes: { T: attribute.type(x.dtype), Tpaddings: INDEX },
  });
}

/**
 * TensorFlow infers the shape of a concatenation anew each time one of its inputs is inferred, which makes the time it
 * takes to optimise a graph grow with the square of the inputs: 40 s of the 70 s that the first step of 1202 layers took.
 * Beyond the limit, which ResNet-110 stays below, groups are concatenated first, at the cost of a second copy.
 */
const MOST_PARTS = 600;
const GROUP_SIZE = 64;
/**
 * Both are the one axis of a vector. Grappler's constant folding merges a concatenation into one that reads it where
 * their axes are the same number, and would undo the groups.
 */
const AXIS = 0;
const GROUP_AXIS = -1;

/** Vectors one after the other. */
export function concatenate(graph: GraphBuilder, parts: readonly Tensor[], dtype: 'float32'): Tensor {
  if (parts.length <= MOST_PARTS) return concatenateAlong(graph, AXIS, parts, dtype);
  const groups = Array.from({ length: Math.ceil(parts.length / GROUP_SIZE) }, (_, group) =>
    concatenateAlong(graph, GROUP_AXIS, parts.slice(group * GROUP_SIZE, (group + 1) * GROUP_SIZE), dtype),
  );
  return concatenateAlong(graph, AXIS, groups, dtype);
}

function concatenateAlong(graph: GraphBuilder, axis: number, parts: readonly Tensor[], dtype: 'float32'): Tensor {
  const [first, ...others] = parts;
  if (first === undefined) return constant(graph, { dtype, shape: [0], values: [] });
  // ConcatV2 refuses a single part.
  if (others.length === 0) return first;
  return graph.tensor('ConcatV2', dtype, {
    inputs: [...parts, intScalar(graph, axis)],
    attributes: { N: attribute.int(parts.length), T: attribute.type(dtype), Tidx: INDEX },
  });
}

/** int32 vectors one after the other: shapes are put together from parts of other shapes. */
export function concatenateIndices(graph: GraphBuilder, parts: readonly Tensor[]): Tensor {
  return graph.tensor('ConcatV2', 'int32', {
    inputs: [...parts, intScalar(graph, 0)],
    attributes: { N: attribute.int(parts.length), T: INDEX, Tidx: INDEX },
  });
}

/** A new first axis of size one. */
export function expandFirst(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('ExpandDims', x.dtype, {
    inputs: [x, intScalar(graph, 0)],
    attributes: { T: attribute.type(x.dtype), Tdim: INDEX },
  });
}

/** 0, 1, ... up to an int32 scalar, which is not among them. */
export function range(graph: GraphBuilder, end: Tensor): Tensor {
  return graph.tensor('Range', 'int32', {
    inputs: [intScalar(graph, 0), end, intScalar(graph, 1)],
    attributes: { Tidx: INDEX },
  });
}

/** `yes` where the condition holds, else `no`; all three are broadcast. */
export function select(graph: GraphBuilder, condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  return graph.tensor('SelectV2', yes.dtype, {
    inputs: [condition, yes, no],
    attributes: { T: attribute.type(yes.dtype) },
  });
}

/** Scalars as one vector. */
export function stackScalars(graph: GraphBuilder, scalars: readonly Tensor[], dtype: DataType): Tensor {
  return graph.tensor('Pack', dtype, {
    inputs: scalars,
    attributes: { N: attribute.int(scalars.length), T: attribute.type(dtype), axis: attribute.int(0) },
  });
}

/** Repeats a tensor to the shape that an int32 vector holds, by NumPy's broadcasting rule. */
export function broadcastTo(graph: GraphBuilder, x: Tensor, shape: Tensor): Tensor {
  return graph.tensor('BroadcastTo', x.dtype, {
    inputs: [x, shape],
    attributes: { T: attribute.type(x.dtype), Tidx: INDEX },
  });
}

/**
 * The same bits read as another element type. Free. Where that one is larger, the last axis of x is one element of it, and
 * disappears; where it is smaller, a last axis is added.
 */
export function bitcast(graph: GraphBuilder, x: Tensor, dtype: DataType): Tensor {
  return graph.tensor('Bitcast', dtype, {
    inputs: [x],
    attributes: { T: attribute.type(x.dtype), type: attribute.type(dtype) },
  });
}

/** The tensor itself, under a name of its own and not before `after` has run. */
export function identity(graph: GraphBuilder, x: Tensor, name: string, after: readonly Tensor[] = []): Tensor {
  return graph.tensor('Identity', x.dtype, { inputs: [x], after, name, attributes: { T: attribute.type(x.dtype) } });
}

/**
 * A copy in memory of TensorFlow's own. Needed before a fed tensor is assigned to a variable: the variable would share
 * the caller's buffer, and be overwritten when the caller reuses it.
 */
export function deepCopy(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('DeepCopy', x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
}

/** Moves everything on by one along the first axis; the last becomes the first. */
export function rollByOne(graph: GraphBuilder, x: Tensor): Tensor {
  return graph.tensor('Roll', x.dtype, {
    inputs: [x, intScalar(graph, 1), intScalar(graph, 0)],
    attributes: { T: attribute.type(x.dtype), Tshift: INDEX, Taxis: INDEX },
  });
}

/** Rows of zeros with a one where the indices [N] (int32) say: float32 [N, depth]. */
export function oneHot(graph: GraphBuilder, indices: Tensor, depth: number): Tensor {
  const [on, off] = [floatScalar(graph, 1), floatScalar(graph, 0)];
  return graph.tensor('OneHot', 'float32', {
    inputs: [indices, intScalar(graph, depth), on, off],
    attributes: { T: attribute.type('float32'), TI: attribute.type(indices.dtype), axis: attribute.int(-1) },
  });
}
