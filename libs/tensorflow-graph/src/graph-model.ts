import { attribute, type AttributeMessage, type ShapeMessage } from './attribute.js';
import { DATA_TYPES, dataTypeName, type DataType, type Shape } from './data-type.js';
import type { GraphBuilder, NodeMessage } from './graph-builder.js';
import type { Signature, TensorSpec } from './saved-model.js';

/** A TensorFlow.js graph model as files. */
export interface GraphModel {
  /** Content of `model.json`. */
  readonly json: string;
  /** Weight files beside it, by the names that `model.json` gives them. */
  readonly shards: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** What tensorflowjs_converter cuts weights into: browsers cache files of this size. */
const SHARD_BYTES = 4 * 2 ** 20;

/** Names of the enumeration in types.proto, as protobuf's JSON form writes them. */
const JSON_TYPES: Readonly<Record<DataType, string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  uint8: 'DT_UINT8',
  string: 'DT_STRING',
  int64: 'DT_INT64',
  bool: 'DT_BOOL',
  bfloat16: 'DT_BFLOAT16',
  resource: 'DT_RESOURCE',
};

/** TensorFlow fills in what its operation definitions say; TensorFlow.js does not, and fails where it needs one of these. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, AttributeMessage>>>> = {
  Conv2D: { dilations: attribute.ints([1, 1, 1, 1]) },
};

/**
 * Writes a graph as TensorFlow.js reads it (`tf.loadGraphModel`): the nodes as JSON, the constants in binary files. The
 * graph must be made of operations that TensorFlow.js knows, and its constants be float32 or int32.
 *
 * @param metadata anything that belongs to the model; TensorFlow.js hands it on as `userDefinedMetadata`
 */
export function encodeGraphModel(
  graph: GraphBuilder,
  signature: Signature,
  metadata: Readonly<Record<string, unknown>> = {},
): GraphModel {
  const weights = graph.nodes.flatMap(weightOf);
  const bytes = joined(weights.map(({ content }) => content));
  const numShards = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
  const shards = Array.from({ length: numShards }, (_, index) => ({
    name: `group1-shard${index + 1}of${numShards}.bin`,
    bytes: bytes.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES),
  }));
  const json = JSON.stringify({
    format: 'graph-model',
    generatedBy: 'skiplane',
    convertedBy: null,
    signature: { inputs: jsonSpecs(signature.inputs), outputs: jsonSpecs(signature.outputs) },
    userDefinedMetadata: metadata,
    // Producer 1087 is TensorFlow 2.9, as in a SavedModel.
    modelTopology: { node: graph.nodes.map(jsonNode), library: {}, versions: { producer: 1087, minConsumer: 12 } },
    weightsManifest: [
      {
        paths: shards.map(({ name }) => name),
        weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      },
    ],
  });
  return { json, shards };
}

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly content: Uint8Array;
}

function weightOf(node: NodeMessage): readonly Weight[] {
  if (node.op !== 'Const') return [];
  const literal = node.attr['value']?.tensor;
  const dtype = literal && dataTypeName(literal.dtype);
  if (literal?.tensorContent === undefined || (dtype !== 'float32' && dtype !== 'int32')) {
    throw new Error(`TensorFlow.js takes no constant of type ${dtype} (${node.name})`);
  }
  const shape = literal.tensorShape.dim.map(({ size }) => size);
  return [{ name: node.name, shape, dtype, content: literal.tensorContent }];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const jsonShape = (shape: ShapeMessage): unknown => ({
  dim: (shape.dim ?? []).map(({ size }) => ({ size: String(size) })),
});

function jsonType(dtype: number | undefined): string {
  const name = dtype === undefined ? undefined : dataTypeName(dtype);
  if (name === undefined) throw new Error(`no data type has the number ${dtype}`);
  return JSON_TYPES[name];
}

function jsonSpecs(specs: Readonly<Record<string, TensorSpec>>): Record<string, unknown> {
  const shapeOf = (shape: Shape): unknown => jsonShape({ dim: shape.map((size) => ({ size })) });
  return Object.fromEntries(
    Object.entries(specs).map(([key, { name, dtype, shape }]) => [
      key,
      {
        name,
        dtype: jsonType(DATA_TYPES[dtype]),
        tensorShape: shape === undefined ? { unknownRank: true } : shapeOf(shape),
      },
    ]),
  );
}

function jsonNode(node: NodeMessage): unknown {
  const attributes = { ...DEFAULTS[node.op], ...node.attr };
  const attr = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, jsonAttribute(value)]));
  return { name: node.name, op: node.op, input: node.input, attr };
}

/** protobuf's JSON form: bytes in base64, 64-bit numbers as text, enumerations by name. */
function jsonAttribute({ s, i, f, b, type, shape, tensor, list }: AttributeMessage): unknown {
  if (s !== undefined) return { s: Buffer.from(s).toString('base64') };
  if (i !== undefined) return { i: String(i) };
  if (f !== undefined) return { f };
  if (b !== undefined) return { b };
  if (type !== undefined) return { type: jsonType(type) };
  if (shape !== undefined) return { shape: jsonShape(shape) };
  // The elements lie in the weight files.
  if (tensor !== undefined) {
    return { tensor: { dtype: jsonType(tensor.dtype), tensorShape: jsonShape(tensor.tensorShape) } };
  }
  return {
    list: {
      ...(list?.i === undefined ? {} : { i: list.i.map(String) }),
      ...(list?.f === undefined ? {} : { f: list.f }),
      ...(list?.type === undefined ? {} : { type: list.type.map(jsonType) }),
      ...(list?.shape === undefined ? {} : { shape: list.shape.map(jsonShape) }),
    },
  };
}
