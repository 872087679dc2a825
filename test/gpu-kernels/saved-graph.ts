import { dataTypeName } from '../../libs/tensorflow-graph/src/data-type.js';
import { savedModelMessage } from '../../libs/tensorflow-graph/src/protobuf-schema.js';

/** A node of a graph as far as the choice of its kernel, and where it computes, depends on it. */
export interface GraphNode {
  readonly name: string;
  /** Empty where TensorFlow chooses. */
  readonly device: string;
  /** Names of the nodes whose results it takes; none of those that it only waits for. */
  readonly inputs: readonly string[];
  readonly operation: string;
  /** Names of the types in each attribute that holds types. */
  readonly types: Readonly<Record<string, readonly string[]>>;
  readonly flags: Readonly<Record<string, boolean>>;
}

interface DecodedNode {
  readonly name: string;
  readonly op: string;
  readonly device?: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, { type?: number; b?: boolean; list?: { type?: readonly number[] } }>>;
}

type Specs = Readonly<Record<string, { readonly name: string }>>;

interface DecodedModel {
  readonly metaGraphs: readonly {
    readonly graphDef: { readonly node: readonly DecodedNode[] };
    readonly signatureDef: Readonly<Record<string, { readonly inputs?: Specs; readonly outputs?: Specs }>>;
  }[];
}

/** `training/Conv2D_3` of `training/Conv2D_3:0` and of `^training/Conv2D_3`. */
const nodeOf = (reference: string): string => reference.replace(/^\^/, '').replace(/:\d+$/, '');

/** Every node that a session runs for each signature of a SavedModel, what is fed left out. */
export function nodesBySignature(bytes: Uint8Array): Readonly<Record<string, readonly GraphNode[]>> {
  const decoded = savedModelMessage.decode(bytes);
  const { metaGraphs } = savedModelMessage.toObject(decoded, { longs: Number }) as DecodedModel;
  const [metaGraph] = metaGraphs;
  if (metaGraph === undefined) throw new Error('the SavedModel holds no graph');
  const nodes = new Map(metaGraph.graphDef.node.map((node) => [node.name, node]));
  return Object.fromEntries(
    Object.entries(metaGraph.signatureDef).map(([signature, { inputs = {}, outputs = {} }]) => {
      const fed = new Set(Object.values(inputs).map(({ name }) => nodeOf(name)));
      const seen = new Set<string>();
      const open = Object.values(outputs).map(({ name }) => nodeOf(name));
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (fed.has(name) || seen.has(name)) continue;
        const node = nodes.get(name);
        if (node === undefined) throw new Error(`${signature} reads ${name}, which is no node`);
        seen.add(name);
        open.push(...(node.input ?? []).map(nodeOf));
      }
      return [signature, [...seen].flatMap((name) => kernelFacts(nodes.get(name)))];
    }),
  );
}

function kernelFacts(node: DecodedNode | undefined): GraphNode[] {
  if (node === undefined) return [];
  const attributes = Object.entries(node.attr ?? {});
  const name = (number: number): string => dataTypeName(number) ?? `type ${number}`;
  const types = attributes.flatMap(([key, { type, list }]): [string, string[]][] => {
    if (type !== undefined) return [[key, [name(type)]]];
    return list?.type === undefined ? [] : [[key, list.type.map(name)]];
  });
  const flags = attributes.flatMap(([key, { b }]): [string, boolean][] => (b === undefined ? [] : [[key, b]]));
  const inputs = (node.input ?? []).filter((reference) => !reference.startsWith('^')).map(nodeOf);
  const place = { name: node.name, device: node.device ?? '', inputs };
  return [{ ...place, operation: node.op, types: Object.fromEntries(types), flags: Object.fromEntries(flags) }];
}
