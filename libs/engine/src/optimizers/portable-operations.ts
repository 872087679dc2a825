import type { Operand, ParameterKind, UpdateOperations } from '#contracts';

/** One number for a scalar, or of a whole tensor; else one per element, in double precision until it is stored. */
export type PortableValue = number | Float64Array;

/** Looked up once: in the contexts of a test runner looking globals up for each element takes most of the time. */
const { fround, sqrt } = Math;

/** Update rules as loops over the numbers of one parameter tensor. */
export function portableOperations(kind: ParameterKind): UpdateOperations<PortableValue> {
  return {
    add: binary((left, right) => left + right),
    subtract: binary((left, right) => left - right),
    multiply: binary((left, right) => left * right),
    divide: binary((left, right) => left / right),
    squareRoot: unary(sqrt),
    ifPositive(x, yes, no) {
      if (typeof x === 'number') return x > 0 ? yes : no;
      return x.map((value, index) => (value > 0 ? elementOf(yes, index) : elementOf(no, index)));
    },
    stored: unary(fround),
    norms: (x) => sqrt(typeof x === 'number' ? x * x : x.reduce((sum, value) => sum + value * value, 0)),
    spread: (perTensor) => perTensor,
    tensorsOf: (kinds) => (kinds.includes(kind) ? 1 : 0),
  };
}

const elementOf = (x: PortableValue, index: number): number => (typeof x === 'number' ? x : (x[index] ?? Number.NaN));

function unary(operation: (x: number) => number): (x: Operand<PortableValue>) => PortableValue {
  return (x) => (typeof x === 'number' ? operation(x) : x.map((value) => operation(value)));
}

type Binary = (left: number, right: number) => number;

function binary(operation: Binary): (left: Operand<PortableValue>, right: Operand<PortableValue>) => PortableValue {
  return (left, right) => {
    if (typeof left !== 'number') return left.map((value, index) => operation(value, elementOf(right, index)));
    return typeof right === 'number' ? operation(left, right) : right.map((value) => operation(left, value));
  };
}
