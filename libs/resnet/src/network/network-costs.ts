import { layerOf, weightsOf, type NetworkNode, type Weight } from './layers.js';
import type { Network } from './network.js';

/** What one node costs. */
export interface NodeCosts {
  /** Learnable numbers. */
  readonly parameters: number;
  /** Multiply-adds of one image's forward pass: convolutions, linear maps and the head alone, as in the paper's Table 1. */
  readonly multiplyAdds: number;
  /** Bytes of the node's output of one image if the backward pass reads it, else 0. */
  readonly keptBytes: number;
}

/** What a network costs, altogether and node by node. */
export interface NetworkCosts {
  readonly nodes: readonly NodeCosts[];
  /** Convolutions on the main path and the head: the number in the network's name. */
  readonly numLayers: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /**
   * Activations of one image that the backward pass needs, in float32: every tensor that a convolution, a batch
   * normalisation, a ReLU, a max-pool or the head reads to make gradients, once. Gradients, padded copies, weights and the
   * library's workspace come on top.
   */
  readonly keptBytes: number;
}

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Counts parameters, multiply-adds and kept activations from the shapes of the nodes alone. */
export function networkCosts(network: Network): NetworkCosts {
  const kept = new Set<number>();
  for (const [index, node] of network.nodes.entries()) {
    const { backwardReads } = layerOf(node);
    if (backwardReads === 'input' || backwardReads === 'both') for (const input of node.inputs) kept.add(input);
    if (backwardReads === 'output' || backwardReads === 'both') kept.add(index);
  }
  const nodes = network.nodes.map((node, index): NodeCosts => {
    const [height, width, channels] = node.shape;
    return {
      parameters: weightsOf(node).reduce((sum, weight) => sum + sizeOf(weight), 0),
      multiplyAdds: layerOf(node).multiplyAdds?.(node) ?? 0,
      keptBytes: kept.has(index) ? height * width * channels * BYTES : 0,
    };
  });
  const total = (field: keyof NodeCosts): number => nodes.reduce((sum, node) => sum + node[field], 0);
  return {
    nodes,
    numLayers: network.nodes.filter(isLayer).length,
    parameters: total('parameters'),
    multiplyAdds: total('multiplyAdds'),
    keptBytes: total('keptBytes'),
  };
}

/** Elements of a weight. */
const sizeOf = ({ shape }: Weight): number => shape.reduce((product, size) => product * size, 1);

function isLayer(node: NetworkNode): boolean {
  return node.kind === 'dense' || (node.kind === 'convolution' && !/\.(downsample\.0|gate)$/.test(node.name));
}
