import { ARCHITECTURES, RefusedInputError, type Architecture } from '#contracts';
import { ARCHITECTURE_TABLE, FAMILIES, type ArchitectureRow } from './architecture-table.js';
import { NetworkBuilder } from './network-builder.js';
import type { Network } from './network.js';

/** Which network to build; the fields of a run spec's `model`. */
export interface NetworkOptions {
  readonly architecture: Architecture;
  /**
   * He et al. 2015, section 3.3. A: subsample and append zero channels, no parameters. B: 1x1 projection with
   * batch normalisation where the shape changes. Default: A for CIFAR networks, B for ImageNet networks.
   */
  readonly shortcut?: 'A' | 'B' | undefined;
  /** At least 2. */
  readonly numClasses: number;
  /** Side of the square input in pixels, at least 16. Default: 32 for CIFAR networks, 224 for ImageNet networks. */
  readonly imageSize?: number | undefined;
}

type Shortcut = 'A' | 'B';

/** Builds the node list of a residual network with torchvision's names. Throws RefusedInputError naming every fault. */
export function buildNetwork(options: NetworkOptions): Network {
  const row = checkedRow(options);
  const family = FAMILIES[row.family];
  const imageSize = options.imageSize ?? family.imageSize;
  const shortcut = options.shortcut ?? family.shortcut;
  const builder = new NetworkBuilder();

  const { pools, ...stem } = family.stem;
  let head = builder.convolution(builder.input(imageSize), 'conv1', { ...stem, outChannels: family.widths[0] });
  head = builder.relu(builder.batchNormalization(head, 'bn1'));
  if (pools) head = builder.maxPool(head, 3, 2, 1);
  for (const [stage, numBlocks] of row.numBlocks.entries()) {
    const width = family.widths[stage];
    if (width === undefined) throw new Error(`${options.architecture} has more stages than widths`);
    for (let block = 0; block < numBlocks; block += 1) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      head = appendBlock(builder, head, { row, name: `layer${stage + 1}.${block}`, width, stride, shortcut });
    }
  }
  builder.dense(builder.globalAveragePool(head), 'fc', options.numClasses);
  return builder.build({ architecture: options.architecture, imageSize, numClasses: options.numClasses });
}

interface BlockOptions {
  readonly row: ArchitectureRow;
  readonly name: string;
  readonly width: number;
  readonly stride: number;
  readonly shortcut: Shortcut;
}

/** Paper, figures 2 and 5: convolutions with batch normalisation, ReLU between them and after the addition. */
function appendBlock(builder: NetworkBuilder, from: number, options: BlockOptions): number {
  const { name, width, stride } = options;
  // Bottleneck: 1x1 reduces, 3x3 strides (v1.5), 1x1 expands four times.
  const convolutions =
    options.row.block === 'basic'
      ? [
          { kernelSize: 3, stride, outChannels: width },
          { kernelSize: 3, stride: 1, outChannels: width },
        ]
      : [
          { kernelSize: 1, stride: 1, outChannels: width },
          { kernelSize: 3, stride, outChannels: width },
          { kernelSize: 1, stride: 1, outChannels: 4 * width },
        ];
  let branch = from;
  for (const [index, convolution] of convolutions.entries()) {
    const padding = (convolution.kernelSize - 1) / 2;
    branch = builder.convolution(branch, `${name}.conv${index + 1}`, { ...convolution, padding });
    branch = builder.batchNormalization(branch, `${name}.bn${index + 1}`);
    if (index < convolutions.length - 1) branch = builder.relu(branch);
  }
  return builder.relu(builder.add(branch, appendShortcut(builder, from, options, builder.shapeOf(branch)[2])));
}

function appendShortcut(builder: NetworkBuilder, from: number, options: BlockOptions, outChannels: number): number {
  const { name, stride } = options;
  if (stride === 1 && builder.shapeOf(from)[2] === outChannels) return from;
  if (options.shortcut === 'A') return builder.zeroPadShortcut(from, stride, outChannels);
  const projection = { kernelSize: 1, stride, padding: 0, outChannels };
  return builder.batchNormalization(
    builder.convolution(from, `${name}.downsample.0`, projection),
    `${name}.downsample.1`,
  );
}

function checkedRow(options: NetworkOptions): ArchitectureRow {
  const faults: { path: string; message: string }[] = [];
  const row: ArchitectureRow | undefined = Object.hasOwn(ARCHITECTURE_TABLE, options.architecture)
    ? ARCHITECTURE_TABLE[options.architecture]
    : undefined;
  if (row === undefined) {
    faults.push({ path: 'architecture', message: `${options.architecture} is none of ${ARCHITECTURES.join(', ')}` });
  } else if (row.block === 'bottleneck' && options.shortcut === 'A') {
    const message = `option A is for networks of basic blocks; ${options.architecture} has bottleneck blocks: use B`;
    faults.push({ path: 'shortcut', message });
  }
  if (options.shortcut !== undefined && !['A', 'B'].includes(options.shortcut)) {
    faults.push({ path: 'shortcut', message: `must be A or B, not ${options.shortcut}` });
  }
  if (!Number.isSafeInteger(options.numClasses) || options.numClasses < 2) {
    faults.push({ path: 'numClasses', message: `must be an integer of at least 2, not ${options.numClasses}` });
  }
  const { imageSize } = options;
  if (imageSize !== undefined && (!Number.isSafeInteger(imageSize) || imageSize < 16)) {
    faults.push({ path: 'imageSize', message: `must be an integer of at least 16 pixels, not ${imageSize}` });
  }
  if (row === undefined || faults.length > 0) {
    const list = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw new RefusedInputError(`no such network: ${list}`, faults);
  }
  return row;
}
