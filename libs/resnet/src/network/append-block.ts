import type { Gate, Shortcut } from '#contracts';
import { appendGate } from './append-gate.js';
import { appendShortcut } from './append-shortcut.js';
import type { NetworkBuilder } from './network-builder.js';

export interface BlockOptions {
  readonly kind: 'basic' | 'bottleneck';
  /** torchvision's prefix, e.g. `layer2.0`. */
  readonly name: string;
  /** Channels of the 3x3 convolutions. */
  readonly width: number;
  /** Convolutions of a basic block. */
  readonly span: number;
  readonly stride: number;
  /** null: a plain net. */
  readonly shortcut: Shortcut | null;
  readonly shortcutPadding: 'after' | 'both';
  /** null: branch and shortcut are added. */
  readonly gate: Gate | null;
  readonly variant: 'v1' | 'v1.5';
  readonly zeroInitResidual: boolean;
  /** A second shortcut that ends here: where it begins, its stride, and the prefix of its projection's names. */
  readonly outer: { readonly from: number; readonly stride: number; readonly name: string } | null;
}

/**
 * Paper, figures 2 and 5: convolutions with batch normalisation, ReLU between them and after the addition; a plain net
 * has no addition. A gate mixes branch and shortcut instead. Returns the index of the last node.
 */
export function appendBlock(builder: NetworkBuilder, from: number, options: BlockOptions): number {
  const { name, stride, shortcut, shortcutPadding, gate, outer } = options;
  const convolutions = convolutionsOf(options);
  let branch = from;
  for (const [index, convolution] of convolutions.entries()) {
    const isLast = index === convolutions.length - 1;
    const padding = (convolution.kernelSize - 1) / 2;
    branch = builder.convolution(branch, `${name}.conv${index + 1}`, { ...convolution, padding });
    branch = builder.batchNormalization(branch, `${name}.bn${index + 1}`, isLast && options.zeroInitResidual);
    if (!isLast) branch = builder.relu(branch);
  }
  if (shortcut === null) return builder.relu(branch);
  const outChannels = builder.shapeOf(branch)[2];
  const way = { shortcut, shortcutPadding, outChannels };
  const carried = appendShortcut(builder, from, { ...way, name, stride });
  let joined =
    gate === null
      ? builder.add(branch, carried)
      : builder.mix(branch, carried, appendGate(builder, from, { gate, name: `${name}.gate`, stride, outChannels }));
  if (outer !== null) joined = builder.add(joined, appendShortcut(builder, outer.from, { ...way, ...outer }));
  return builder.relu(joined);
}

interface BlockConvolution {
  readonly kernelSize: number;
  readonly stride: number;
  readonly outChannels: number;
}

function convolutionsOf({ kind, width, span, stride, variant }: BlockOptions): readonly BlockConvolution[] {
  if (kind === 'basic') {
    return Array.from({ length: span }, (_, layer) => ({
      kernelSize: 3,
      stride: layer === 0 ? stride : 1,
      outChannels: width,
    }));
  }
  const [reducing, middle] = variant === 'v1' ? [stride, 1] : [1, stride];
  return [
    { kernelSize: 1, stride: reducing, outChannels: width },
    { kernelSize: 3, stride: middle, outChannels: width },
    { kernelSize: 1, stride: 1, outChannels: 4 * width },
  ];
}
