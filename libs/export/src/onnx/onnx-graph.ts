/** Numbers in onnx.proto: TensorProto.DataType and AttributeProto.AttributeType. */
export const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_TYPES = { f: 1, i: 2, ints: 7 } as const;

/** Value of an operator's attribute. */
export type OnnxAttribute = { readonly f: number } | { readonly i: number } | { readonly ints: readonly number[] };

interface OperatorOptions {
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** Name of the output and of the node. Default: the operator's type and a number. */
  readonly name?: string;
}

/** Collects the nodes and weights of one ONNX graph; tensors are known by name. */
export class OnnxGraph {
  readonly nodes: object[] = [];
  readonly initializers: object[] = [];

  /** Adds an operator of one output and returns the output's name. */
  operator(type: string, { inputs, attributes = {}, name }: OperatorOptions): string {
    const output = name ?? `${type}_${this.nodes.length}`;
    this.nodes.push({
      opType: type,
      name: output,
      input: inputs,
      output: [output],
      attribute: Object.entries(attributes).map(([key, value]) => ({ name: key, ...value, type: typeOf(value) })),
    });
    return output;
  }

  /** Adds weights; `values` is copied. */
  floats(name: string, dims: readonly number[], values: Float32Array): string {
    const { buffer, byteOffset, byteLength } = values;
    const rawData = new Uint8Array(buffer, byteOffset, byteLength).slice();
    this.initializers.push({ name, dims, dataType: FLOAT, rawData });
    return name;
  }

  /** Adds a vector of int64: operators take sizes and axes in this form. */
  integers(values: readonly number[]): string {
    const name = `integers_${this.initializers.length}`;
    const content = new DataView(new ArrayBuffer(8 * values.length));
    values.forEach((value, index) => content.setBigInt64(8 * index, BigInt(value), true));
    this.initializers.push({
      name,
      dims: [values.length],
      dataType: INT64,
      rawData: new Uint8Array(content.buffer),
    });
    return name;
  }
}

function typeOf(value: OnnxAttribute): number {
  if ('f' in value) return ATTRIBUTE_TYPES.f;
  return 'i' in value ? ATTRIBUTE_TYPES.i : ATTRIBUTE_TYPES.ints;
}
