import type { ParameterEntry, StatisticsEntry } from '../layout/layout.js';

/**
 * Every kind of node: what a network says of it (`LayerFields`), and its weights and costs (`LAYERS`). A new kind of layer
 * begins here; the engine's side of it is a file in libs/engine/src/layers.
 */
interface LayerFields {
  input: object;
  convolution: Named & {
    readonly kernelSize: number;
    readonly stride: number;
    /** Pixels on each side. */
    readonly padding: number;
    readonly inChannels: number;
    readonly outChannels: number;
    /** The kernel starts from N(0, 2 / fan-in) instead of N(0, 2 / fan-out). */
    readonly startsByFanIn?: true;
  };
  /** Frozen, it normalises with its running statistics in training too, and leaves them alone. */
  'batch-normalization': Named & {
    readonly channels: number;
    readonly epsilon: number;
    /** Weight of the new batch in the running statistics. */
    readonly momentum: number;
    /** Gamma starts at 0 instead of 1. */
    readonly startsAtZero?: true;
  };
  relu: object;
  'max-pool': { readonly size: number; readonly stride: number; readonly padding: number };
  /** Option A: x[:, ::stride, ::stride, :] with zero channels before and after. */
  'zero-pad-shortcut': {
    readonly stride: number;
    readonly channelsBefore: number;
    readonly channelsAfter: number;
  };
  add: object;
  /** [branch, shortcut, gate]: gate * branch + (1 - gate) * shortcut, the gate repeated where it has one pixel or channel. */
  mix: object;
  /**
   * What lies between 0 and 1: the sigmoid, or clip(x/6 + 1/2, 0, 1), of the input plus a learned bias per channel. Of
   * the bias alone where there is no input; without bias where `initialBias` is null. The bias is `name.bias`.
   */
  gate: Named & {
    readonly channels: number;
    readonly squash: 'sigmoid' | 'hard-sigmoid';
    readonly initialBias: number | null;
  };
  'global-average-pool': object;
  /** A dense layer without bias. */
  linear: Named & { readonly inFeatures: number; readonly outFeatures: number };
  dense: Named & {
    readonly inFeatures: number;
    readonly outFeatures: number;
    /** The kernel starts from N(0, startsNormal²) and the bias at 0, instead of U(±1/√inFeatures). */
    readonly startsNormal?: number;
  };
}

/** Of nodes with weights. They may be frozen: training leaves their weights as they are (`freezeParts`). */
interface Named {
  /** torchvision name without `.weight`, e.g. `layer1.0.conv1` or `layer2.0.downsample.0`. */
  readonly name: string;
  readonly isFrozen?: true;
}

interface NodeBase {
  /** Indices of earlier nodes. */
  readonly inputs: readonly number[];
  /** [height, width, channels] of the output; dense and pooled nodes have height = width = 1. */
  readonly shape: readonly [number, number, number];
}

export type LayerKind = keyof LayerFields;
export type NodeOf<Kind extends LayerKind> = NodeBase & { readonly kind: Kind } & LayerFields[Kind];
export type NetworkNode = { [Kind in LayerKind]: NodeOf<Kind> }[LayerKind];

/** A weight of a layer, before it has a place in the vector; `name` is the part after the layer's. */
export type Weight = Omit<ParameterEntry, 'offset' | 'length' | 'seedIndex' | 'isFrozen'>;
/** A running statistic of a layer, likewise. */
export type Statistic = Omit<StatisticsEntry, 'offset' | 'isFrozen'>;

interface Layer<Kind extends LayerKind> {
  /** In torchvision's order. */
  readonly weights?: (node: NodeOf<Kind>) => readonly Weight[];
  /** In torchvision's order, after the weights. */
  readonly statistics?: (node: NodeOf<Kind>) => readonly Statistic[];
  /** Of one image's forward pass; convolutions, linear maps and the head alone, as in the paper's Table 1. */
  readonly multiplyAdds?: (node: NodeOf<Kind>) => number;
  /** Which tensors its backward operations read (libs/engine/src/layers): the node's input, its output. */
  readonly backwardReads: 'input' | 'output' | 'both' | 'neither';
}

export const LAYERS: { readonly [Kind in LayerKind]: Layer<Kind> } = {
  input: { backwardReads: 'neither' },
  convolution: {
    weights: ({ kernelSize, inChannels, outChannels, startsByFanIn }) => [
      {
        name: 'weight',
        role: 'convolution',
        shape: [kernelSize, kernelSize, inChannels, outChannels],
        torchShape: [outChannels, inChannels, kernelSize, kernelSize],
        isKernel: true,
        ...(startsByFanIn ? { startsByFanIn } : {}),
      },
    ],
    multiplyAdds: ({ kernelSize, inChannels, outChannels, shape: [height, width] }) =>
      kernelSize ** 2 * inChannels * outChannels * height * width,
    backwardReads: 'input',
  },
  'batch-normalization': {
    weights: ({ channels, startsAtZero }) => [
      vector('weight', 'gamma', channels, startsAtZero ? { startsAtZero } : {}),
      vector('bias', 'beta', channels),
    ],
    statistics: ({ channels }) => [
      { name: 'running_mean', kind: 'mean', length: channels },
      { name: 'running_var', kind: 'variance', length: channels },
    ],
    backwardReads: 'input',
  },
  relu: { backwardReads: 'output' },
  'max-pool': { backwardReads: 'both' },
  'zero-pad-shortcut': { backwardReads: 'neither' },
  add: { backwardReads: 'neither' },
  // It keeps the difference of branch and shortcut, which is as large as its output.
  mix: { backwardReads: 'output' },
  gate: {
    weights: ({ channels, initialBias }) =>
      initialBias === null ? [] : [vector('bias', 'gate-bias', channels, { startsAt: initialBias })],
    backwardReads: 'output',
  },
  'global-average-pool': { backwardReads: 'neither' },
  linear: {
    weights: ({ inFeatures, outFeatures }) => [denseKernel(inFeatures, outFeatures)],
    multiplyAdds: ({ inFeatures, outFeatures }) => inFeatures * outFeatures,
    backwardReads: 'input',
  },
  dense: {
    weights: ({ inFeatures, outFeatures, startsNormal }) => [
      { ...denseKernel(inFeatures, outFeatures), ...(startsNormal === undefined ? {} : { startsNormal }) },
      vector('bias', 'dense-bias', outFeatures, startsNormal === undefined ? {} : { startsAt: 0 }),
    ],
    multiplyAdds: ({ inFeatures, outFeatures }) => inFeatures * outFeatures,
    backwardReads: 'input',
  },
};

/** The table's row of a node. */
export function layerOf(node: NetworkNode): Layer<LayerKind> {
  // The table's type ties each key to the layer of that kind, which an index by a union cannot express.
  return LAYERS[node.kind] as Layer<LayerKind>;
}

/** Weights of a node under their full names; none of a node without any. */
export function weightsOf(node: NetworkNode): readonly Weight[] {
  return fullNames(node, layerOf(node).weights?.(node) ?? []);
}

/** Running statistics of a node under their full names. */
export function statisticsOf(node: NetworkNode): readonly Statistic[] {
  return fullNames(node, layerOf(node).statistics?.(node) ?? []);
}

function fullNames<Item extends { readonly name: string }>(node: NetworkNode, items: readonly Item[]): readonly Item[] {
  return 'name' in node ? items.map((item) => ({ ...item, name: `${node.name}.${item.name}` })) : [];
}

function vector(
  name: string,
  role: Weight['role'],
  length: number,
  start: Pick<Weight, 'startsAtZero' | 'startsAt'> = {},
): Weight {
  return { name, role, shape: [length], torchShape: [length], isKernel: false, ...start };
}

function denseKernel(inFeatures: number, outFeatures: number): Weight {
  const [shape, torchShape] = [
    [inFeatures, outFeatures],
    [outFeatures, inFeatures],
  ] as const;
  return { name: 'weight', role: 'dense-kernel', shape, torchShape, isKernel: true };
}
