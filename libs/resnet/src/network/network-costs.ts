import type { Network, NetworkNode } from './network.js';

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

/** Which tensors the backward operations of `graph/nodes` read, by kind: the node's input, its output. */
const BACKWARD_READS: Readonly<Record<NetworkNode['kind'], { readonly input: boolean; readonly output: boolean }>> = {
  input: { input: false, output: false },
  convolution: { input: true, output: false },
  'batch-normalization': { input: true, output: false },
  relu: { input: false, output: true },
  'max-pool': { input: true, output: true },
  'zero-pad-shortcut': { input: false, output: false },
  add: { input: false, output: false },
  // It keeps the difference of branch and shortcut, which is as large as its output.
  mix: { input: false, output: true },
  gate: { input: false, output: true },
  linear: { input: true, output: false },
  'global-average-pool': { input: false, output: false },
  dense: { input: true, output: false },
};

/** Counts parameters, multiply-adds and kept activations from the shapes of the nodes alone. */
export function networkCosts(network: Network): NetworkCosts {
  const kept = new Set<number>();
  for (const [index, node] of network.nodes.entries()) {
    const reads = BACKWARD_READS[node.kind];
    if (reads.input) for (const input of node.inputs) kept.add(input);
    if (reads.output) kept.add(index);
  }
  const nodes = network.nodes.map((node, index): NodeCosts => {
    const [height, width, channels] = node.shape;
    return { ...weightsOf(node), keptBytes: kept.has(index) ? height * width * channels * BYTES : 0 };
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

function weightsOf(node: NetworkNode): Pick<NodeCosts, 'parameters' | 'multiplyAdds'> {
  switch (node.kind) {
    case 'convolution': {
      const parameters = node.kernelSize ** 2 * node.inChannels * node.outChannels;
      return { parameters, multiplyAdds: parameters * node.shape[0] * node.shape[1] };
    }
    case 'batch-normalization':
      return { parameters: 2 * node.channels, multiplyAdds: 0 };
    case 'dense': {
      const multiplyAdds = node.inFeatures * node.outFeatures;
      return { parameters: multiplyAdds + node.outFeatures, multiplyAdds };
    }
    case 'linear': {
      const parameters = node.inFeatures * node.outFeatures;
      return { parameters, multiplyAdds: parameters };
    }
    case 'gate':
      return { parameters: node.initialBias === null ? 0 : node.channels, multiplyAdds: 0 };
    case 'input':
    case 'relu':
    case 'max-pool':
    case 'zero-pad-shortcut':
    case 'add':
    case 'mix':
    case 'global-average-pool':
      return { parameters: 0, multiplyAdds: 0 };
  }
}

function isLayer(node: NetworkNode): boolean {
  return node.kind === 'dense' || (node.kind === 'convolution' && !/\.(downsample\.0|gate)$/.test(node.name));
}
