import { shortcutOf } from '#contracts';
import { appendBlock } from './append-block.js';
import { FAMILIES } from './architecture-table.js';
import { NetworkBuilder } from './network-builder.js';
import { checkedRow, type NetworkOptions } from './network-options.js';
import type { Network } from './network.js';

/** Builds the node list of a network with torchvision's names. Throws RefusedInputError naming every fault. */
export function buildNetwork(options: NetworkOptions): Network {
  const row = checkedRow(options);
  const family = FAMILIES[row.family];
  const imageSize = options.imageSize ?? family.imageSize;
  const builder = new NetworkBuilder();

  const { pools, ...stem } = family.stem;
  let head = builder.convolution(builder.input(imageSize), 'conv1', { ...stem, outChannels: family.widths[0] });
  head = builder.relu(builder.batchNormalization(head, 'bn1'));
  if (pools) head = builder.maxPool(head, 3, 2, 1);
  for (const [stage, numBlocks] of row.numBlocks.entries()) {
    const width = family.widths[stage];
    if (width === undefined) throw new Error(`${options.architecture} has more stages than widths`);
    for (let block = 0; block < numBlocks; block += 1) {
      head = appendBlock(builder, head, {
        kind: row.block,
        name: `layer${stage + 1}.${block}`,
        width,
        stride: block === 0 && stage > 0 ? 2 : 1,
        shortcut: shortcutOf(options),
        shortcutPadding: options.shortcutPadding ?? 'after',
        variant: options.variant ?? 'v1.5',
        zeroInitResidual: options.zeroInitResidual ?? false,
      });
    }
  }
  builder.dense(builder.globalAveragePool(head), 'fc', options.numClasses);
  return builder.build({ architecture: options.architecture, imageSize, numClasses: options.numClasses });
}
