import { DATA_TYPES, type DataType, type Shape } from './data-type.js';
import { tensorMessage, type Literal, type TensorMessage } from './tensor-literal.js';

/** Value of an operation's attribute, as the fields of TensorFlow's `AttrValue` message. */
export interface AttributeMessage {
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: ShapeMessage;
  readonly tensor?: TensorMessage;
  readonly list?: {
    readonly i?: readonly number[];
    readonly f?: readonly number[];
    readonly type?: readonly number[];
    readonly shape?: readonly ShapeMessage[];
  };
}

export interface ShapeMessage {
  readonly dim?: readonly { readonly size: number }[];
  readonly unknownRank?: boolean;
}

/** A shape as TensorFlow's `TensorShapeProto`; null is one that is not known, nor how many dimensions it has. */
export function shapeMessage(shape: Shape | null): ShapeMessage {
  return shape === null ? { unknownRank: true } : { dim: shape.map((size) => ({ size })) };
}

/** Makes attribute values; one function per kind of attribute that the operation definitions of TensorFlow use. */
export const attribute = {
  type: (value: DataType): AttributeMessage => ({ type: DATA_TYPES[value] }),
  types: (values: readonly DataType[]): AttributeMessage => ({
    list: { type: values.map((value) => DATA_TYPES[value]) },
  }),
  int: (value: number): AttributeMessage => ({ i: value }),
  ints: (values: readonly number[]): AttributeMessage => ({ list: { i: values } }),
  float: (value: number): AttributeMessage => ({ f: value }),
  bool: (value: boolean): AttributeMessage => ({ b: value }),
  string: (value: string): AttributeMessage => ({ s: new TextEncoder().encode(value) }),
  shape: (value: Shape | null): AttributeMessage => ({ shape: shapeMessage(value) }),
  tensor: (value: Literal): AttributeMessage => ({ tensor: tensorMessage(value) }),
} as const;
