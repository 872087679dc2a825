import type { Shortcut } from '#contracts';
import type { NetworkBuilder } from './network-builder.js';

export interface BlockOptions {
  readonly kind: 'basic' | 'bottleneck';
  /** torchvision's prefix, e.g. `layer2.0`. */
  readonly name: string;
  /** Channels of the 3x3 convolutions. */
  readonly width: number;
  readonly stride: number;
  /** null: a plain net. */
  readonly shortcut: Shortcut | null;
  readonly shortcutPadding: 'after' | 'both';
  readonly variant: 'v1' | 'v1.5';
  readonly zeroInitResidual: boolean;
}

/**
 * Paper, figures 2 and 5: convolutions with batch normalisation, ReLU between them and after the addition; a plain net
 * has no addition. Returns the index of the last node.
 */
export function appendBlock(builder: NetworkBuilder, from: number, options: BlockOptions): number {
  const { name } = options;
  const convolutions = convolutionsOf(options);
  let branch = from;
  for (const [index, convolution] of convolutions.entries()) {
    const isLast = index === convolutions.length - 1;
    const padding = (convolution.kernelSize - 1) / 2;
    branch = builder.convolution(branch, `${name}.conv${index + 1}`, { ...convolution, padding });
    branch = builder.batchNormalization(branch, `${name}.bn${index + 1}`, isLast && options.zeroInitResidual);
    if (!isLast) branch = builder.relu(branch);
  }
  if (options.shortcut === null) return builder.relu(branch);
  const shortcut = appendShortcut(builder, from, options, builder.shapeOf(branch)[2]);
  return builder.relu(builder.add(branch, shortcut));
}

interface BlockConvolution {
  readonly kernelSize: number;
  readonly stride: number;
  readonly outChannels: number;
}

function convolutionsOf({ kind, width, stride, variant }: BlockOptions): readonly BlockConvolution[] {
  if (kind === 'basic') {
    return [
      { kernelSize: 3, stride, outChannels: width },
      { kernelSize: 3, stride: 1, outChannels: width },
    ];
  }
  const [reducing, middle] = variant === 'v1' ? [stride, 1] : [1, stride];
  return [
    { kernelSize: 1, stride: reducing, outChannels: width },
    { kernelSize: 3, stride: middle, outChannels: width },
    { kernelSize: 1, stride: 1, outChannels: 4 * width },
  ];
}

function appendShortcut(builder: NetworkBuilder, from: number, options: BlockOptions, outChannels: number): number {
  const { name, stride, shortcut } = options;
  const isSameShape = stride === 1 && builder.shapeOf(from)[2] === outChannels;
  if (isSameShape && shortcut !== 'C') return from;
  if (shortcut === 'A')
    return builder.zeroPadShortcut(from, { stride, outChannels, placement: options.shortcutPadding });
  const projection = { kernelSize: 1, stride, padding: 0, outChannels };
  return builder.batchNormalization(
    builder.convolution(from, `${name}.downsample.0`, projection),
    `${name}.downsample.1`,
  );
}
