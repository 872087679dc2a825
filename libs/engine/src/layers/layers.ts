import type { LayerKind, NetworkNode } from '#resnet';
import { add } from './add.js';
import { batchNormalization } from './batch-normalization.js';
import { convolution } from './convolution.js';
import { dense } from './dense.js';
import { gate } from './gate.js';
import { globalAveragePool } from './global-average-pool.js';
import type { Layer } from './layer.js';
import { linear } from './linear.js';
import { maxPool } from './max-pool.js';
import { mix } from './mix.js';
import { relu } from './relu.js';
import { zeroPadShortcut } from './zero-pad-shortcut.js';

type ComputingKind = Exclude<LayerKind, 'input'>;

/** Every kind of node that computes something. A new kind is a file and a line here. */
const LAYERS: { readonly [Kind in ComputingKind]: Layer<Kind> } = {
  convolution,
  'batch-normalization': batchNormalization,
  relu,
  'max-pool': maxPool,
  'zero-pad-shortcut': zeroPadShortcut,
  add,
  mix,
  gate,
  linear,
  'global-average-pool': globalAveragePool,
  dense,
};

/** What computes a node. */
export function layerOf(node: Exclude<NetworkNode, { kind: 'input' }>): Layer<ComputingKind> {
  // The table's type ties each key to the layer of that kind, which an index by a union cannot express.
  return LAYERS[node.kind] as Layer<ComputingKind>;
}
