/** Networks of a few nodes for tests: a stem, the node kind under test, and a head. */
import type { Network, NetworkNode } from '#resnet';

type Node = NetworkNode;
type Shape = readonly [number, number, number];

/** Side of a window's output. */
const sideAfter = (side: number, size: number, stride: number, padding: number): number =>
  Math.floor((side + 2 * padding - size) / stride) + 1;

interface TinyGate {
  readonly from: number;
  readonly per: 'element' | 'channel' | 'layer';
  readonly isConstant?: boolean;
  readonly stride?: number;
  readonly kernelSize?: number;
  readonly squash?: 'sigmoid' | 'hard-sigmoid';
  readonly initialBias?: number | null;
}

/** Appends nodes by kind; each method returns the index of its node. */
class TinyNetwork {
  readonly #nodes: Node[] = [];

  readonly #imageSize: number;

  constructor(imageSize: number) {
    this.#imageSize = imageSize;

    this.#nodes.push({ kind: 'input', inputs: [], shape: [imageSize, imageSize, 3] });
  }

  convolution(
    from: number,
    name: string,
    window: { size: number; stride: number; padding: number; channels: number },
  ): number {
    const [side, , inChannels] = this.#shape(from);
    const { size, stride, padding, channels } = window;
    const out = sideAfter(side, size, stride, padding);
    return this.#push({
      kind: 'convolution',
      inputs: [from],
      shape: [out, out, channels],
      name,
      kernelSize: size,
      stride,
      padding,
      inChannels,
      outChannels: channels,
    });
  }

  normalized(from: number, name: string): number {
    const shape = this.#shape(from);
    const settings = { channels: shape[2], epsilon: 1e-5, momentum: 0.1 };
    return this.#push({ kind: 'batch-normalization', inputs: [from], shape, name, ...settings });
  }

  relu(from: number): number {
    return this.#push({ kind: 'relu', inputs: [from], shape: this.#shape(from) });
  }

  activated(from: number, name: string): number {
    return this.relu(this.normalized(from, name));
  }

  maxPool(from: number, size: number, stride: number, padding: number): number {
    const [side, , channels] = this.#shape(from);
    const out = sideAfter(side, size, stride, padding);
    return this.#push({ kind: 'max-pool', inputs: [from], shape: [out, out, channels], size, stride, padding });
  }

  zeroPadShortcut(from: number, stride: number, channelsBefore: number, channelsAfter: number): number {
    const [side, , channels] = this.#shape(from);
    const out = sideAfter(side, 1, stride, 0);
    const shape: Shape = [out, out, channels + channelsBefore + channelsAfter];
    return this.#push({ kind: 'zero-pad-shortcut', inputs: [from], shape, stride, channelsBefore, channelsAfter });
  }

  add(left: number, right: number): number {
    return this.#push({ kind: 'add', inputs: [left, right], shape: this.#shape(left) });
  }

  /** Mixes by a gate per element (a convolution), or per channel or layer (a linear map of the means), or a constant. */
  mix(branch: number, shortcut: number, gate: TinyGate): number {
    const [side, , branchChannels] = this.#shape(branch);
    const { from, stride = 1, kernelSize = 1, squash = 'sigmoid', initialBias = -2 } = gate;
    const channels = gate.per === 'layer' ? 1 : branchChannels;
    const input = (): number => {
      if (gate.per === 'element') {
        const window = { size: kernelSize, stride, padding: (kernelSize - 1) / 2, channels };
        return this.convolution(from, 'gate', window);
      }
      const inFeatures = this.#shape(from)[2];
      const means = this.#push({ kind: 'global-average-pool', inputs: [from], shape: [1, 1, inFeatures] });
      const linear = { name: 'gate', inFeatures, outFeatures: channels };
      return this.#push({ kind: 'linear', inputs: [means], shape: [1, 1, channels], ...linear });
    };
    const inputs = gate.isConstant === true ? [] : [input()];
    const gateSide = gate.per === 'element' ? side : 1;
    const shape: Shape = [gateSide, gateSide, channels];
    const opened = this.#push({ kind: 'gate', inputs, shape, name: 'gate', channels, squash, initialBias });
    return this.#push({ kind: 'mix', inputs: [branch, shortcut, opened], shape: this.#shape(branch) });
  }

  head(from: number, numClasses: number): Network {
    const channels = this.#shape(from)[2];
    const pooled = this.#push({ kind: 'global-average-pool', inputs: [from], shape: [1, 1, channels] });
    this.#push({
      kind: 'dense',
      inputs: [pooled],
      shape: [1, 1, numClasses],
      name: 'fc',
      inFeatures: channels,
      outFeatures: numClasses,
    });
    return { architecture: 'tiny', imageSize: this.#imageSize, numClasses, nodes: this.#nodes };
  }

  #push(node: Node): number {
    return this.#nodes.push(node) - 1;
  }

  #shape(index: number): Shape {
    const node = this.#nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node.shape;
  }
}

/** Puts what `middle` appends between a stem of 4 channels and the head. */
function around(imageSize: number, middle: (net: TinyNetwork, stem: number) => number): Network {
  const net = new TinyNetwork(imageSize);
  const stem = net.activated(net.convolution(0, 'stem', { size: 3, stride: 1, padding: 1, channels: 4 }), 'stem-bn');
  return net.head(middle(net, stem), 3);
}

const convolved = (imageSize: number, size: number, stride: number, padding: number): Network =>
  around(imageSize, (net, stem) =>
    net.activated(net.convolution(stem, 'c', { size, stride, padding, channels: 5 }), 'b'),
  );

const CONVOLVED = { size: 3, stride: 1, padding: 1, channels: 4 };

/** A block of one layer whose shortcut is gated. */
const gated = (gate: Omit<TinyGate, 'from'>): Network =>
  around(6, (net, stem) => {
    const branch = net.normalized(net.convolution(stem, 'c', CONVOLVED), 'b');
    return net.relu(net.mix(branch, stem, { from: stem, ...gate }));
  });

/** The network with nodes of these names frozen. */
function frozen(network: Network | undefined, ...names: readonly string[]): Network {
  if (network === undefined) throw new Error('no such network');
  const nodes = network.nodes.map((node) =>
    'name' in node && names.includes(node.name) ? { ...node, isFrozen: true as const } : node,
  );
  return { ...network, nodes };
}

/** One network for each kind of node and each way its padding is done, by what it shows. */
export const TINY_NETWORKS: Readonly<Record<string, Network>> = {
  'convolution 3x3': convolved(6, 3, 1, 1),
  'convolution 3x3 by 2, even side': convolved(8, 3, 2, 1),
  'convolution 3x3 by 2, odd side': convolved(7, 3, 2, 1),
  'convolution 7x7 by 2': convolved(10, 7, 2, 3),
  'convolution 1x1 by 2': convolved(6, 1, 2, 0),
  'max-pool, even side': around(8, (net, stem) => net.maxPool(stem, 3, 2, 1)),
  'max-pool, odd side': around(7, (net, stem) => net.maxPool(stem, 3, 2, 1)),
  'add, identity': around(6, (net, stem) =>
    net.add(net.activated(net.convolution(stem, 'c', { size: 3, stride: 1, padding: 1, channels: 4 }), 'b'), stem),
  ),
  'zero-pad shortcut by 2': around(8, (net, stem) => {
    const main = net.activated(net.convolution(stem, 'c', { size: 3, stride: 2, padding: 1, channels: 8 }), 'b');
    return net.add(main, net.zeroPadShortcut(stem, 2, 2, 2));
  }),
  'zero-pad shortcut, odd side': around(7, (net, stem) => {
    const main = net.activated(net.convolution(stem, 'c', { size: 3, stride: 2, padding: 1, channels: 8 }), 'b');
    return net.add(main, net.zeroPadShortcut(stem, 2, 0, 4));
  }),
  'plain block': around(6, (net, stem) => {
    const first = net.activated(net.convolution(stem, 'c1', { size: 3, stride: 1, padding: 1, channels: 4 }), 'b1');
    return net.activated(net.convolution(first, 'c2', { size: 3, stride: 1, padding: 1, channels: 4 }), 'b2');
  }),
  'option C block, same shape': around(6, (net, stem) => {
    const first = net.activated(net.convolution(stem, 'c1', { size: 3, stride: 1, padding: 1, channels: 4 }), 'b1');
    const branch = net.normalized(net.convolution(first, 'c2', { size: 3, stride: 1, padding: 1, channels: 4 }), 'b2');
    const projected = net.convolution(stem, 'down', { size: 1, stride: 1, padding: 0, channels: 4 });
    return net.relu(net.add(branch, net.normalized(projected, 'down-bn')));
  }),
  'span of three': around(6, (net, stem) => {
    const first = net.activated(net.convolution(stem, 'c1', CONVOLVED), 'b1');
    const second = net.activated(net.convolution(first, 'c2', CONVOLVED), 'b2');
    return net.relu(net.add(net.normalized(net.convolution(second, 'c3', CONVOLVED), 'b3'), stem));
  }),
  'nested shortcuts': around(6, (net, stem) => {
    const inner = net.relu(net.add(net.normalized(net.convolution(stem, 'c1', CONVOLVED), 'b1'), stem));
    const last = net.add(net.normalized(net.convolution(inner, 'c2', CONVOLVED), 'b2'), inner);
    return net.relu(net.add(last, stem));
  }),
  'gate per element': gated({ per: 'element' }),
  'gate per element, 3x3, hard sigmoid': gated({ per: 'element', kernelSize: 3, squash: 'hard-sigmoid' }),
  'gate per element by 2, no bias': around(8, (net, stem) => {
    const branch = net.normalized(net.convolution(stem, 'c', { ...CONVOLVED, stride: 2, channels: 8 }), 'b');
    const shortcut = net.zeroPadShortcut(stem, 2, 2, 2);
    return net.relu(net.mix(branch, shortcut, { from: stem, per: 'element', stride: 2, initialBias: null }));
  }),
  'option B block by 2': around(8, (net, stem) => {
    const branch = net.normalized(net.convolution(stem, 'c', { ...CONVOLVED, stride: 2, channels: 8 }), 'b');
    const projected = net.convolution(stem, 'down', { size: 1, stride: 2, padding: 0, channels: 8 });
    return net.relu(net.add(branch, net.normalized(projected, 'down-bn')));
  }),
  'gate per channel': gated({ per: 'channel' }),
  'gate per channel, hard sigmoid, no bias': gated({ per: 'channel', squash: 'hard-sigmoid', initialBias: null }),
  'gate per layer': gated({ per: 'layer' }),
  'constant gate per channel': gated({ per: 'channel', isConstant: true }),
  'constant gate per layer': gated({ per: 'layer', isConstant: true }),
  'zero-pad shortcut by 1': around(6, (net, stem) => {
    const main = net.activated(net.convolution(stem, 'c', { size: 3, stride: 1, padding: 1, channels: 8 }), 'b');
    return net.add(main, net.zeroPadShortcut(stem, 1, 2, 2));
  }),
};

/** Networks with frozen nodes: before what is trained, between it, behind it, and on one of two branches. */
export const FROZEN_NETWORKS: Readonly<Record<string, Network>> = {
  'frozen stem': frozen(TINY_NETWORKS['zero-pad shortcut by 2'], 'stem', 'stem-bn'),
  'frozen between what is trained': frozen(TINY_NETWORKS['plain block'], 'c1', 'b1'),
  'frozen head': frozen(TINY_NETWORKS['convolution 3x3 by 2, even side'], 'fc'),
  'frozen branch': frozen(TINY_NETWORKS['option C block, same shape'], 'c1', 'b1', 'c2', 'b2'),
  'frozen shortcut': frozen(TINY_NETWORKS['option C block, same shape'], 'down', 'down-bn'),
  'frozen gate of what is trained': frozen(TINY_NETWORKS['gate per channel'], 'gate'),
  'frozen constant gate': frozen(TINY_NETWORKS['constant gate per channel'], 'gate'),
  'frozen branch under a gate': frozen(TINY_NETWORKS['gate per element'], 'stem', 'stem-bn', 'c', 'b'),
  'frozen normalisation of a trained convolution': frozen(TINY_NETWORKS['max-pool, even side'], 'stem-bn'),
  'all but the head': frozen(TINY_NETWORKS['add, identity'], 'stem', 'stem-bn', 'c', 'b'),
};
