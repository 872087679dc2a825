import { completeGate, shortcutOf } from '#contracts';
import { appendBlock } from './append-block.js';
import { NetworkBuilder } from './network-builder.js';
import { checkedTable, type NetworkOptions } from './network-options.js';
import type { Network } from './network.js';
import { stageBlocks } from './stage-blocks.js';

/** He et al. 2015, Table 1 and section 4.2: the first layer, what follows it, and the usual side of the input. */
const STEMS = {
  '3x3': { window: { kernelSize: 3, stride: 1, padding: 1 }, pools: false, imageSize: 32 },
  '7x7': { window: { kernelSize: 7, stride: 2, padding: 3 }, pools: true, imageSize: 224 },
} as const;

/** Builds the node list of a network with torchvision's names. Throws RefusedInputError naming every fault. */
export function buildNetwork(options: NetworkOptions): Network {
  const table = checkedTable(options);
  const stem = STEMS[table.stem];
  const imageSize = options.imageSize ?? stem.imageSize;
  const shortcut = shortcutOf(options);
  const builder = new NetworkBuilder(options.kernelInit);

  const outChannels = table.widths[0] ?? 0;
  let head = builder.convolution(builder.input(imageSize), 'conv1', { ...stem.window, outChannels });
  head = builder.relu(builder.batchNormalization(head, 'bn1'));
  if (stem.pools) head = builder.maxPool(head, 3, 2, 1);
  for (const [stage, width] of table.widths.entries()) {
    const stageInput = head;
    const { numBlocks, span } = stageBlocks(options, table, stage);
    for (let block = 0; block < numBlocks; block += 1) {
      const stride = stage > 0 ? 2 : 1;
      const isLast = block === numBlocks - 1;
      head = appendBlock(builder, head, {
        kind: table.kind,
        name: `layer${stage + 1}.${block}`,
        width,
        span,
        stride: block === 0 ? stride : 1,
        shortcut,
        shortcutPadding: options.shortcutPadding ?? 'after',
        gate: options.gate === undefined ? null : completeGate(options.gate),
        variant: options.variant ?? 'v1.5',
        zeroInitResidual: options.zeroInitResidual ?? false,
        outer:
          isLast && options.nestedShortcuts === true && numBlocks > 1
            ? { from: stageInput, stride, name: `layer${stage + 1}` }
            : null,
      });
    }
  }
  builder.dense(builder.globalAveragePool(head), 'fc', options.numClasses, options.headInit);
  return builder.build({ architecture: options.architecture, imageSize, numClasses: options.numClasses });
}
