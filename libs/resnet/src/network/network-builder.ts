import type { NetworkOptions } from './network-options.js';
import type { NetworkNode } from './layers.js';
import type { Network } from './network.js';

/** PyTorch's BatchNorm2d defaults; momentum is the weight of the new batch. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

type Shape = NetworkNode['shape'];

interface ConvolutionOptions {
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  readonly outChannels: number;
}

interface ZeroPadOptions {
  readonly stride: number;
  readonly outChannels: number;
  readonly placement: 'after' | 'both';
}

interface GateNodeOptions {
  readonly channels: number;
  readonly squash: 'sigmoid' | 'hard-sigmoid';
  readonly initialBias: number | null;
}

type HeadInit = NonNullable<NetworkOptions['headInit']>;

/** Deviation of the head's first numbers by its inputs; null: uniform. Goyal et al. 2017, 5.1; He et al. 2015b, 2.2. */
const HEAD_DEVIATIONS: Readonly<Record<HeadInit, (inFeatures: number) => number | null>> = {
  uniform: () => null,
  normal: () => 0.01,
  'fan-in': (inFeatures) => Math.sqrt(2 / inFeatures),
};

/** Output side of a window that slides over `size` padded pixels (floor, as PyTorch's ceil_mode=False). */
const slide = (size: number, window: number, stride: number, padding: number): number =>
  Math.floor((size + 2 * padding - window) / stride) + 1;

/** Appends nodes one by one and works out their shapes. Every method returns the index of the node it appended. */
export class NetworkBuilder {
  readonly #nodes: NetworkNode[] = [];

  /** `fan-in`: what the deviation of the kernels' first numbers depends on; fan-out is what nodes mean by saying nothing. */
  readonly #kernelInit: 'fan-out' | 'fan-in';

  constructor(kernelInit: 'fan-out' | 'fan-in' = 'fan-out') {
    this.#kernelInit = kernelInit;
  }

  input(imageSize: number): number {
    return this.#push({ kind: 'input', inputs: [], shape: [imageSize, imageSize, 3] });
  }

  convolution(from: number, name: string, options: ConvolutionOptions): number {
    const [height, width, inChannels] = this.shapeOf(from);
    const { kernelSize, stride, padding, outChannels } = options;
    const side = (size: number): number => slide(size, kernelSize, stride, padding);
    return this.#push({
      kind: 'convolution',
      inputs: [from],
      shape: [side(height), side(width), outChannels],
      name,
      inChannels,
      ...options,
      ...(this.#kernelInit === 'fan-in' ? { startsByFanIn: true } : {}),
    });
  }

  batchNormalization(from: number, name: string, startsAtZero = false): number {
    const shape = this.shapeOf(from);
    const start = startsAtZero ? { startsAtZero } : {};
    const settings = { channels: shape[2], epsilon: EPSILON, momentum: MOMENTUM, ...start };
    return this.#push({ kind: 'batch-normalization', inputs: [from], shape, name, ...settings });
  }

  relu(from: number): number {
    return this.#push({ kind: 'relu', inputs: [from], shape: this.shapeOf(from) });
  }

  maxPool(from: number, size: number, stride: number, padding: number): number {
    const [height, width, channels] = this.shapeOf(from);
    const side = (pixels: number): number => slide(pixels, size, stride, padding);
    const shape: Shape = [side(height), side(width), channels];
    return this.#push({ kind: 'max-pool', inputs: [from], shape, size, stride, padding });
  }

  /** `both` puts the odd channel, if there is one, after the data. */
  zeroPadShortcut(from: number, { stride, outChannels, placement }: ZeroPadOptions): number {
    const [height, width, channels] = this.shapeOf(from);
    const added = outChannels - channels;
    const channelsBefore = placement === 'both' ? Math.floor(added / 2) : 0;
    return this.#push({
      kind: 'zero-pad-shortcut',
      inputs: [from],
      shape: [Math.ceil(height / stride), Math.ceil(width / stride), outChannels],
      stride,
      channelsBefore,
      channelsAfter: added - channelsBefore,
    });
  }

  add(branch: number, shortcut: number): number {
    return this.#push({ kind: 'add', inputs: [branch, shortcut], shape: this.shapeOf(branch) });
  }

  /** gate * branch + (1 - gate) * shortcut. */
  mix(branch: number, shortcut: number, gate: number): number {
    return this.#push({ kind: 'mix', inputs: [branch, shortcut, gate], shape: this.shapeOf(branch) });
  }

  /** `from` null: a gate that does not look at the image. */
  gate(from: number | null, name: string, options: GateNodeOptions): number {
    const [height, width] = from === null ? [1, 1] : this.shapeOf(from);
    const shape: Shape = [height, width, options.channels];
    return this.#push({ kind: 'gate', inputs: from === null ? [] : [from], shape, name, ...options });
  }

  globalAveragePool(from: number): number {
    return this.#push({ kind: 'global-average-pool', inputs: [from], shape: [1, 1, this.shapeOf(from)[2]] });
  }

  dense(from: number, name: string, outFeatures: number, init: HeadInit = 'uniform'): number {
    const inFeatures = this.shapeOf(from)[2];
    const deviation = HEAD_DEVIATIONS[init](inFeatures);
    return this.#push({
      kind: 'dense',
      inputs: [from],
      shape: [1, 1, outFeatures],
      name,
      inFeatures,
      outFeatures,
      ...(deviation === null ? {} : { startsNormal: deviation }),
    });
  }

  /** A dense layer without bias. */
  linear(from: number, name: string, outFeatures: number): number {
    const inFeatures = this.shapeOf(from)[2];
    return this.#push({ kind: 'linear', inputs: [from], shape: [1, 1, outFeatures], name, inFeatures, outFeatures });
  }

  shapeOf(index: number): Shape {
    const node = this.#nodes[index];
    if (node === undefined) throw new Error(`no node ${index} among ${this.#nodes.length}`);
    return node.shape;
  }

  build(description: Omit<Network, 'nodes'>): Network {
    return { ...description, nodes: this.#nodes };
  }

  #push(node: NetworkNode): number {
    return this.#nodes.push(node) - 1;
  }
}
