import { shapeMessage } from './attribute.js';
import { DATA_TYPES, dataTypeName, type DataType, type Shape } from './data-type.js';
import { tensorName, type GraphBuilder, type Tensor } from './graph-builder.js';
import { savedModelMessage } from './protobuf-schema.js';

/** Tag under which graphs are saved, and by which a session finds them. */
export const SERVE_TAG = 'serve';

/** A tensor as a signature offers it to the caller. */
export interface TensorSpec {
  /** Operation and output, e.g. `images:0`. */
  readonly name: string;
  readonly dtype: DataType;
  /** -1: any size. Undefined: nothing is promised. */
  readonly shape?: Shape;
}

/** A named way to run a graph: what to feed, what to fetch. */
export interface Signature {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
}

export type Signatures = Readonly<Record<string, Signature>>;

/** Describes a tensor of the graph for use in a signature. */
export function tensorSpec(tensor: Tensor, shape?: Shape): TensorSpec {
  return { name: tensorName(tensor), dtype: tensor.dtype, ...(shape === undefined ? {} : { shape }) };
}

/**
 * Encodes a graph and its signatures as the bytes of `saved_model.pb`. Resource variables start uninitialised: a
 * signature has to assign them before another reads them; no `variables` folder is needed.
 * Cost: some 10 ms per 1,000 operations.
 */
export function encodeSavedModel(graph: GraphBuilder, signatures: Signatures): Uint8Array {
  const encodeSpecs = (specs: Readonly<Record<string, TensorSpec>>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(specs).map(([key, spec]) => [
        key,
        {
          name: spec.name,
          dtype: DATA_TYPES[spec.dtype],
          tensorShape: spec.shape === undefined ? { unknownRank: true } : shapeMessage(spec.shape),
        },
      ]),
    );
  const signatureDef = Object.fromEntries(
    Object.entries(signatures).map(([key, signature]) => [
      key,
      {
        inputs: encodeSpecs(signature.inputs),
        outputs: encodeSpecs(signature.outputs),
        // TensorFlow Serving answers Predict calls for no other method.
        methodName: 'tensorflow/serving/predict',
      },
    ]),
  );
  return savedModelMessage
    .encode({
      savedModelSchemaVersion: 1,
      metaGraphs: [
        {
          metaInfoDef: { tags: [SERVE_TAG] },
          // Producer 1087 is TensorFlow 2.9: the oldest library the published binding was made for.
          graphDef: { node: graph.nodes, versions: { producer: 1087, minConsumer: 12 } },
          signatureDef,
        },
      ],
    })
    .finish();
}

interface DecodedSpec {
  readonly name: string;
  readonly dtype: number;
  readonly tensorShape?: { readonly unknownRank?: boolean; readonly dim?: readonly { readonly size: number }[] };
}

interface DecodedModel {
  readonly metaGraphs: readonly {
    readonly signatureDef: Readonly<
      Record<
        string,
        {
          readonly inputs?: Readonly<Record<string, DecodedSpec>>;
          readonly outputs?: Readonly<Record<string, DecodedSpec>>;
        }
      >
    >;
  }[];
}

/**
 * Reads the signatures out of the bytes of a `saved_model.pb`. Throws when the bytes are no SavedModel or a signature
 * uses an element type this library does not know.
 */
export function decodeSignatures(bytes: Uint8Array): Signatures {
  const decoded = savedModelMessage.toObject(savedModelMessage.decode(bytes), {
    longs: Number,
    arrays: true,
    objects: true,
  }) as DecodedModel;
  const [metaGraph] = decoded.metaGraphs;
  if (metaGraph === undefined) throw new Error('the SavedModel holds no graph');
  const decodeSpecs = (specs: Readonly<Record<string, DecodedSpec>> = {}): Record<string, TensorSpec> =>
    Object.fromEntries(
      Object.entries(specs).map(([key, spec]) => {
        const dtype = dataTypeName(spec.dtype);
        if (dtype === undefined) throw new Error(`tensor ${spec.name} has the unknown element type ${spec.dtype}`);
        const shape = spec.tensorShape;
        const isKnown = shape !== undefined && shape.unknownRank !== true;
        return [
          key,
          { name: spec.name, dtype, ...(isKnown ? { shape: (shape.dim ?? []).map(({ size }) => size) } : {}) },
        ];
      }),
    );
  return Object.fromEntries(
    Object.entries(metaGraph.signatureDef).map(([key, { inputs, outputs }]) => [
      key,
      { inputs: decodeSpecs(inputs), outputs: decodeSpecs(outputs) },
    ]),
  );
}
