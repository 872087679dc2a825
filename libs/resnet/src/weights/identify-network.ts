import { ARCHITECTURES, blockTableOf, modelFaults, type BlockTable } from '#contracts';
import type { NetworkOptions } from '../network/network-options.js';

/** State-dict names with their PyTorch shapes. */
type Shapes = ReadonlyMap<string, readonly number[]>;

/** A network as far as its weights tell. */
export interface IdentifiedNetwork {
  readonly model: NetworkOptions;
  /** Fields of the model that leave no trace in the weights: `model` has their defaults. */
  readonly undetermined: readonly string[];
}

/** Of a network whose head is not in the file, or is none of ours. */
const USUAL_CLASSES = 1000;

/** Which network has these tensors; undefined where a stem or a first block is missing. Extra tensors are no matter. */
export function identifyNetwork(shapes: Shapes): IdentifiedNetwork | undefined {
  const table = tableOf(shapes);
  const ofHead = shapes.get('fc.weight')?.[0];
  const numClasses = ofHead ?? USUAL_CLASSES;
  if (table === undefined || numClasses < 2) return undefined;
  const { blocks, span } = table;
  const name = nameOf(blocks, span);
  const shortcut = shortcutOf(shapes, blocks);
  const gate = gateOf(shapes);
  const isNested = [...shapes.keys()].some((key) => /^layer\d+\.downsample\./.test(key));
  const usual = blocks.stem === '3x3' ? 'A' : 'B';
  const model: NetworkOptions = {
    architecture: name ?? 'custom',
    ...(name === undefined ? { blocks } : {}),
    ...(shortcut === usual ? {} : { shortcut }),
    ...(span === 2 ? {} : { skipSpan: span }),
    ...(gate === undefined ? {} : { gate }),
    ...(isNested ? { nestedShortcuts: true } : {}),
    numClasses,
  };
  if (modelFaults(model).length > 0) return undefined;
  const undetermined = [
    ...(ofHead === undefined ? ['numClasses'] : []),
    ...(blocks.kind === 'bottleneck' ? ['variant'] : []),
    ...(shortcut === 'A' ? ['shortcut (A or none)', 'shortcutPadding'] : []),
    ...(gate === undefined ? [] : ['gate.function']),
    'imageSize',
  ];
  return { model, undetermined };
}

function tableOf(shapes: Shapes): { readonly blocks: BlockTable; readonly span: number } | undefined {
  const stem = ({ 3: '3x3', 7: '7x7' } as const)[shapes.get('conv1.weight')?.[2] ?? 0];
  if (stem === undefined || !shapes.has('layer1.0.conv1.weight')) return undefined;
  const widths: number[] = [];
  const numBlocks: number[] = [];
  for (let stage = 1; shapes.has(`layer${stage}.0.conv1.weight`); stage += 1) {
    widths.push(shapes.get(`layer${stage}.0.conv1.weight`)?.[0] ?? 0);
    numBlocks.push(count((block) => shapes.has(`layer${stage}.${block}.conv1.weight`)));
  }
  const sideOf = (conv: string): number | undefined => shapes.get(`layer1.0.${conv}.weight`)?.[2];
  // Not by the first kernel alone: one damaged tensor should not make every other one look wrong.
  const isBottleneck = sideOf('conv3') === 1 || (sideOf('conv1') === 1 && sideOf('conv3') !== undefined);
  const span = count((index) => shapes.has(`layer1.0.conv${index + 1}.weight`));
  const kind = isBottleneck ? 'bottleneck' : 'basic';
  return { blocks: { kind, stem, widths, numBlocks }, span: isBottleneck ? 2 : span };
}

/** How many numbers from 0 on are there. */
function count(isThere: (index: number) => boolean): number {
  let number = 0;
  while (isThere(number)) number += 1;
  return number;
}

/** The name of the paper's network, or of another of 6n+2 layers, that has these blocks. */
function nameOf(blocks: BlockTable, span: number): string | undefined {
  const [n = 0] = blocks.numBlocks;
  const names = [...ARCHITECTURES.filter((name) => name.startsWith('resnet')), `resnet${6 * ((n * span) / 2) + 2}`];
  return names.find((name) => {
    const table = blockTableOf({ architecture: name });
    if (table === undefined) return false;
    const numBlocks = table.numBlocks.map((of) => (of * 2) / span);
    return JSON.stringify({ ...table, numBlocks }) === JSON.stringify(blocks);
  });
}

/** Without projections: A, since a plain net has the same tensors. */
function shortcutOf(shapes: Shapes, { numBlocks }: BlockTable): 'A' | 'B' | 'C' {
  const isProjected = (stage: number, block: number): boolean =>
    shapes.has(`layer${stage + 1}.${block}.downsample.0.weight`);
  const projections = numBlocks.flatMap((of, stage) =>
    Array.from({ length: of }, (_, block) => isProjected(stage, block)),
  );
  if (!projections.includes(true)) return 'A';
  return projections.every(Boolean) ? 'C' : 'B';
}

function gateOf(shapes: Shapes): NetworkOptions['gate'] {
  const weight = shapes.get('layer1.0.gate.weight');
  const bias = shapes.get('layer1.0.gate.bias');
  if (weight === undefined) {
    if (bias === undefined) return undefined;
    return { per: bias[0] === 1 ? 'layer' : 'channel', function: 'constant' };
  }
  const without = bias === undefined ? { bias: false } : {};
  if (weight.length === 4)
    return { per: 'element', ...(weight[2] === 3 ? { kernelSize: 3 as const } : {}), ...without };
  return { per: weight[0] === 1 ? 'layer' : 'channel', ...without };
}
