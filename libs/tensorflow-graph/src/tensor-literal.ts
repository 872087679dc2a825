import { DATA_TYPES, type Shape } from './data-type.js';

/** A tensor written into the graph. `values` has one element per tensor element, in row-major order. */
export type Literal =
  | { readonly dtype: 'float32' | 'int32'; readonly shape: Shape; readonly values: readonly number[] }
  /** Weights: the bytes are copied as they are, not number by number. */
  | { readonly dtype: 'float32'; readonly shape: Shape; readonly values: Float32Array }
  | { readonly dtype: 'int64'; readonly shape: Shape; readonly values: BigInt64Array }
  | { readonly dtype: 'string'; readonly shape: Shape; readonly values: readonly string[] };

/** TensorFlow's `TensorProto`, as far as literals need it. */
export interface TensorMessage {
  readonly dtype: number;
  readonly tensorShape: { readonly dim: readonly { readonly size: number }[] };
  readonly tensorContent?: Uint8Array;
  readonly stringVal?: readonly Uint8Array[];
}

/** Encodes a literal; throws when the number of values is not what the shape says. */
export function tensorMessage(literal: Literal): TensorMessage {
  const expected = literal.shape.reduce((product, size) => product * size, 1);
  if (literal.values.length !== expected) {
    throw new RangeError(
      `a literal of shape [${literal.shape.join(', ')}] has ${expected} elements, got ${literal.values.length}`,
    );
  }
  const header = { dtype: DATA_TYPES[literal.dtype], tensorShape: { dim: literal.shape.map((size) => ({ size })) } };
  if (literal.dtype === 'string') {
    return { ...header, stringVal: literal.values.map((value) => new TextEncoder().encode(value)) };
  }
  if (isWhole(literal)) {
    const { buffer, byteOffset, byteLength } = literal.values;
    return { ...header, tensorContent: new Uint8Array(buffer, byteOffset, byteLength).slice() };
  }
  // tensor_content is little-endian, as is every machine TensorFlow's wheels are built for.
  const content = new DataView(new ArrayBuffer(4 * literal.values.length));
  literal.values.forEach((value, index) => {
    if (literal.dtype === 'float32') content.setFloat32(4 * index, value, true);
    else content.setInt32(4 * index, value, true);
  });
  return { ...header, tensorContent: new Uint8Array(content.buffer) };
}

/** Values that are bytes already. By tag: in a test runner's realm the arrays of another realm are as good. */
const isWhole = (literal: Literal): literal is Extract<Literal, { readonly values: Float32Array | BigInt64Array }> =>
  ['[object Float32Array]', '[object BigInt64Array]'].includes(Object.prototype.toString.call(literal.values));
