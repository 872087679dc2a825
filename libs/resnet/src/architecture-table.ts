import type { Architecture } from '#contracts';

/** What tells one network of the table from another. */
export interface ArchitectureRow {
  /** cifar: 3x3 stem, three stages. imagenet: 7x7 stride-2 stem, max-pool, four stages. */
  readonly family: 'cifar' | 'imagenet';
  /** basic: two 3x3 convolutions. bottleneck: 1x1, 3x3, 1x1. Plain nets are made of basic blocks without shortcuts. */
  readonly block: 'basic' | 'bottleneck';
  /** Blocks of each stage. */
  readonly numBlocks: readonly number[];
}

const cifar = (n: number): ArchitectureRow => ({ family: 'cifar', block: 'basic', numBlocks: [n, n, n] });
const imagenet = (block: 'basic' | 'bottleneck', ...numBlocks: number[]): ArchitectureRow => ({
  family: 'imagenet',
  block,
  numBlocks,
});

/** He et al. 2015: Table 1 (ImageNet) and section 4.2 (CIFAR, depth = 6n + 2). */
export const ARCHITECTURE_TABLE: Readonly<Record<Architecture, ArchitectureRow>> = {
  resnet20: cifar(3),
  resnet32: cifar(5),
  resnet44: cifar(7),
  resnet56: cifar(9),
  resnet110: cifar(18),
  resnet1202: cifar(200),
  resnet18: imagenet('basic', 2, 2, 2, 2),
  resnet34: imagenet('basic', 3, 4, 6, 3),
  resnet50: imagenet('bottleneck', 3, 4, 6, 3),
  resnet101: imagenet('bottleneck', 3, 4, 23, 3),
  resnet152: imagenet('bottleneck', 3, 8, 36, 3),
  plain20: cifar(3),
  plain32: cifar(5),
  plain44: cifar(7),
  plain56: cifar(9),
  plain110: cifar(18),
  plain18: imagenet('basic', 2, 2, 2, 2),
  plain34: imagenet('basic', 3, 4, 6, 3),
};

/** What differs between the two families: stem, widths of the stages, default side of the input. */
export const FAMILIES = {
  cifar: { stem: { kernelSize: 3, stride: 1, padding: 1, pools: false }, widths: [16, 32, 64], imageSize: 32 },
  imagenet: {
    stem: { kernelSize: 7, stride: 2, padding: 3, pools: true },
    widths: [64, 128, 256, 512],
    imageSize: 224,
  },
} as const;
