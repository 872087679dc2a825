import type { NetworkNode } from './layers.js';

/**
 * A network as data: nodes in topological order, each naming its inputs by index. Both engines walk this list, so an
 * architecture is written once. Tensors are NHWC; padding is symmetric and explicit, as in PyTorch.
 */
export interface Network {
  readonly architecture: string;
  readonly imageSize: number;
  readonly numClasses: number;
  /** The last node is the dense head: logits [N, numClasses]. */
  readonly nodes: readonly NetworkNode[];
}
