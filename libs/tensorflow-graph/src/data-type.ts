/** Element types a graph of this library may carry, and their numbers in TensorFlow's `types.proto`. */
export const DATA_TYPES = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

export type DataType = keyof typeof DATA_TYPES;

const NAMES = new Map<number, DataType>(
  Object.entries(DATA_TYPES).map(([name, number]) => [number, name as DataType] as const),
);

/** Name of a data type number; undefined for types this library does not know. */
export function dataTypeName(number: number): DataType | undefined {
  return NAMES.get(number);
}

/** Sizes of a tensor's dimensions; -1 is a size known only when the graph runs. */
export type Shape = readonly number[];
