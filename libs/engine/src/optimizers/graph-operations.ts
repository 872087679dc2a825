import type { Operand, ParameterKind, UpdateOperations } from '#contracts';
import {
  add,
  broadcastTo,
  concatenate,
  divide,
  floatScalar,
  floatVector,
  greater,
  halfSquaredNorm,
  intVector,
  multiply,
  select,
  slice,
  squareRoot,
  stackScalars,
  subtract,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';

/** A parameter tensor in a flat vector. */
export interface TensorPlace {
  readonly offset: number;
  readonly length: number;
  readonly kind: ParameterKind;
}

/**
 * Update rules as nodes of a graph. A value per element is a flat vector over `tensors`, whose offsets count from its
 * beginning; a value per tensor is a vector [T]. Norms and spreading cost a few nodes a tensor, all else one node.
 */
export function graphOperations(graph: GraphBuilder, tensors: readonly TensorPlace[]): UpdateOperations<Tensor> {
  const tensor = (x: Operand<Tensor>): Tensor => (typeof x === 'number' ? floatScalar(graph, x) : x);
  type Binary = (graph: GraphBuilder, left: Tensor, right: Tensor) => Tensor;
  const binary =
    (operation: Binary) =>
    (left: Operand<Tensor>, right: Operand<Tensor>): Tensor =>
      operation(graph, tensor(left), tensor(right));
  return {
    add: binary(add),
    subtract: binary(subtract),
    multiply: binary(multiply),
    divide: binary(divide),
    squareRoot: (x) => squareRoot(graph, tensor(x)),
    ifPositive: (x, yes, no) =>
      select(graph, greater(graph, tensor(x), floatScalar(graph, 0)), tensor(yes), tensor(no)),
    stored: (x) => x,
    norms(x) {
      const halves = tensors.map(({ offset, length }) => halfSquaredNorm(graph, slice(graph, x, [offset], [length])));
      return multiply(graph, squareRoot(graph, stackScalars(graph, halves, 'float32')), floatScalar(graph, Math.SQRT2));
    },
    spread: (perTensor) =>
      concatenate(
        graph,
        tensors.map(({ length }, index) =>
          broadcastTo(graph, slice(graph, perTensor, [index], [1]), intVector(graph, [length])),
        ),
        'float32',
      ),
    tensorsOf: (kinds) =>
      floatVector(
        graph,
        tensors.map(({ kind }) => (kinds.includes(kind) ? 1 : 0)),
      ),
  };
}
