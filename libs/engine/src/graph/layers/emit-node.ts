import type { NetworkNode } from '#resnet';
import { emitAdd } from './add.js';
import { emitBatchNormalization } from './batch-normalization.js';
import { emitConvolution } from './convolution.js';
import { emitDense } from './dense.js';
import { emitGate } from './gate.js';
import { emitGlobalAveragePool } from './global-average-pool.js';
import { emitLinear } from './linear.js';
import { emitMaxPool } from './max-pool.js';
import { emitMix } from './mix.js';
import type { EmissionContext, EmittedNode, NodeEmitter, NodeInput } from './node-emitter.js';
import { emitRelu } from './relu.js';
import { emitZeroPadShortcut } from './zero-pad-shortcut.js';

/** Every kind of node that computes something. A new kind is a file and a line here. */
const EMITTERS: { readonly [Kind in Exclude<NetworkNode['kind'], 'input'>]: NodeEmitter<Kind> } = {
  convolution: emitConvolution,
  'batch-normalization': emitBatchNormalization,
  relu: emitRelu,
  'max-pool': emitMaxPool,
  'zero-pad-shortcut': emitZeroPadShortcut,
  add: emitAdd,
  mix: emitMix,
  gate: emitGate,
  linear: emitLinear,
  'global-average-pool': emitGlobalAveragePool,
  dense: emitDense,
};

type ComputingNode = Exclude<NetworkNode, { kind: 'input' }>;

/** Writes one node of the network into the graph. */
export function emitNode(context: EmissionContext, node: ComputingNode, inputs: readonly NodeInput[]): EmittedNode {
  // The table's type ties each key to the emitter of that kind, which an index by a union cannot express.
  const emitter = EMITTERS[node.kind] as NodeEmitter<ComputingNode['kind']>;
  const scope = 'name' in node ? `${node.kind}-${node.name}` : node.kind;
  return context.graph.scope(scope, () => emitter(context, node, inputs));
}
