/**
 * A network as data: nodes in topological order, each naming its inputs by index. Both engines walk this list, so an
 * architecture is written once. Tensors are NHWC; padding is symmetric and explicit, as in PyTorch.
 */
interface NodeBase {
  /** Indices of earlier nodes. */
  readonly inputs: readonly number[];
  /** [height, width, channels] of the output; dense and pooled nodes have height = width = 1. */
  readonly shape: readonly [number, number, number];
}

/** Nodes with weights may be frozen (`isFrozen`): training leaves their weights as they are (`freezeParts`). */
export type NetworkNode = NodeBase &
  (
    | { readonly kind: 'input' }
    | {
        readonly kind: 'convolution';
        /** torchvision name without `.weight`, e.g. `layer1.0.conv1` or `layer2.0.downsample.0`. */
        readonly name: string;
        readonly kernelSize: number;
        readonly stride: number;
        /** Pixels on each side. */
        readonly padding: number;
        readonly inChannels: number;
        readonly outChannels: number;
        /** The kernel starts from N(0, 2 / fan-in) instead of N(0, 2 / fan-out). */
        readonly startsByFanIn?: true;
        readonly isFrozen?: true;
      }
    | {
        readonly kind: 'batch-normalization';
        readonly name: string;
        readonly channels: number;
        readonly epsilon: number;
        readonly momentum: number;
        /** Gamma starts at 0 instead of 1. */
        readonly startsAtZero?: true;
        /** Normalises with its running statistics in training too, and leaves them alone. */
        readonly isFrozen?: true;
      }
    | { readonly kind: 'relu' }
    | { readonly kind: 'max-pool'; readonly size: number; readonly stride: number; readonly padding: number }
    /** Option A: x[:, ::stride, ::stride, :] with zero channels before and after. */
    | {
        readonly kind: 'zero-pad-shortcut';
        readonly stride: number;
        readonly channelsBefore: number;
        readonly channelsAfter: number;
      }
    | { readonly kind: 'add' }
    /** [branch, shortcut, gate]: gate * branch + (1 - gate) * shortcut, the gate repeated where it has one pixel or channel. */
    | { readonly kind: 'mix' }
    /**
     * What lies between 0 and 1: the sigmoid, or clip(x/6 + 1/2, 0, 1), of the input plus a learned bias per channel. Of
     * the bias alone where there is no input; without bias where `initialBias` is null. The bias is `name.bias`.
     */
    | {
        readonly kind: 'gate';
        readonly name: string;
        readonly channels: number;
        readonly squash: 'sigmoid' | 'hard-sigmoid';
        readonly initialBias: number | null;
        readonly isFrozen?: true;
      }
    | { readonly kind: 'global-average-pool' }
    /** A dense layer without bias. */
    | {
        readonly kind: 'linear';
        readonly name: string;
        readonly inFeatures: number;
        readonly outFeatures: number;
        readonly isFrozen?: true;
      }
    | {
        readonly kind: 'dense';
        readonly name: string;
        readonly inFeatures: number;
        readonly outFeatures: number;
        /** The kernel starts from N(0, startsNormal²) and the bias at 0, instead of U(±1/√inFeatures). */
        readonly startsNormal?: number;
        readonly isFrozen?: true;
      }
  );

export interface Network {
  readonly architecture: string;
  readonly imageSize: number;
  readonly numClasses: number;
  /** The last node is the dense head: logits [N, numClasses]. */
  readonly nodes: readonly NetworkNode[];
}
