import { attribute } from '#tensorflow-graph';
import { savedModelMessage } from '../../../libs/tensorflow-graph/src/protobuf-schema.js';

interface EditedModel {
  readonly metaGraphs: readonly {
    readonly graphDef: { readonly node: readonly { readonly op: string; attr: Record<string, unknown> }[] };
  }[];
}

/** State, feeds and checks stay outside; XLA has no deterministic gradient of max-pooling. */
const OUTSIDE =
  /^(VarHandleOp|ReadVariableOp|Assign\w*|ResourceApply\w*|Placeholder\w*|Const|Assert|NoOp|MaxPoolGrad)$/;

/** The same SavedModel, its operations marked for XLA: TensorFlow compiles each cluster of them when it first runs. */
export function compiledGraph(bytes: Uint8Array): Uint8Array {
  const message = savedModelMessage.decode(bytes);
  const { metaGraphs } = message as unknown as EditedModel;
  for (const { graphDef } of metaGraphs) {
    for (const node of graphDef.node.filter(({ op }) => !OUTSIDE.test(op))) {
      node.attr['_XlaCompile'] = attribute.bool(true);
      node.attr['_XlaScope'] = attribute.string('step');
    }
  }
  return savedModelMessage.encode(message).finish();
}
