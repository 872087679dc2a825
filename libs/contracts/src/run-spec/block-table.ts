import { z } from 'zod';

/** What a network is made of: a stem, stages of equal blocks, and a head. Named networks are rows of this shape too. */
export const blockTableSchema = z
  .strictObject({
    /** basic: 3x3 convolutions (two, unless `skipSpan` says otherwise). bottleneck: 1x1, 3x3, 1x1 with 4 x width out. */
    kind: z.enum(['basic', 'bottleneck']),
    /** 3x3: stride 1, as for 32-pixel images. 7x7: stride 2 and a max-pool, as for 224 pixels. As wide as stage 1. */
    stem: z.enum(['3x3', '7x7']),
    /** Channels of the 3x3 convolutions, stage by stage; from the second on a stage halves the map. */
    widths: z.array(z.int().min(1).max(4096)).min(1).max(8),
    /** Blocks, stage by stage; as many entries as widths. */
    numBlocks: z.array(z.int().min(1).max(1000)).min(1).max(8),
  })
  .superRefine(({ widths, numBlocks }, context) => {
    if (widths.length === numBlocks.length) return;
    const message = `has ${numBlocks.length} stages, widths has ${widths.length}: one entry a stage in both`;
    context.addIssue({ code: 'custom', path: ['numBlocks'], message });
  });
export type BlockTable = z.infer<typeof blockTableSchema>;

/** Networks with a name of their own; `resnetN` and `plainN` of any other 6n+2 layers are built as well. */
export const ARCHITECTURES = [
  'resnet20',
  'resnet32',
  'resnet44',
  'resnet56',
  'resnet110',
  'resnet1202',
  'resnet18',
  'resnet34',
  'resnet50',
  'resnet101',
  'resnet152',
  'plain20',
  'plain32',
  'plain44',
  'plain56',
  'plain110',
  'plain18',
  'plain34',
] as const;

const imagenet = (kind: BlockTable['kind'], ...numBlocks: number[]): BlockTable => ({
  kind,
  stem: '7x7',
  widths: [64, 128, 256, 512],
  numBlocks,
});

/** He et al. 2015, Table 1, by the number of layers. */
const IMAGENET_TABLES: ReadonlyMap<number, BlockTable> = new Map([
  [18, imagenet('basic', 2, 2, 2, 2)],
  [34, imagenet('basic', 3, 4, 6, 3)],
  [50, imagenet('bottleneck', 3, 4, 6, 3)],
  [101, imagenet('bottleneck', 3, 4, 23, 3)],
  [152, imagenet('bottleneck', 3, 8, 36, 3)],
]);

/** Section 4.2: 6n+2 layers. More than 4,802 take more time to load than anybody has waited. */
const MOST_CIFAR_LAYERS = 4802;

/** The blocks of `resnetN` or `plainN`; undefined where there is no such network. */
export function namedBlockTable(architecture: string): BlockTable | undefined {
  const [, family, digits] = /^(resnet|plain)([1-9]\d*)$/.exec(architecture) ?? [];
  const numLayers = Number(digits);
  const table = IMAGENET_TABLES.get(numLayers);
  // Without shortcuts the paper has basic blocks only; 50 and 152 are 6n+2, too, but mean ImageNet nets to everybody.
  if (table !== undefined) return family === 'plain' && table.kind === 'bottleneck' ? undefined : table;
  const n = (numLayers - 2) / 6;
  if (!Number.isInteger(n) || n < 1 || numLayers > MOST_CIFAR_LAYERS) return undefined;
  return { kind: 'basic', stem: '3x3', widths: [16, 32, 64], numBlocks: [n, n, n] };
}

export const isPlain = (architecture: string): boolean => architecture.startsWith('plain');
