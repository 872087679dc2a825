import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Network } from '#resnet';
import { stateDictItems } from '../../libs/resnet/src/weights/state-dict.js';
import { readGolden } from './golden-file.js';
import { networkWithLayout } from './hash-formula.js';

const keys: Record<string, string[]> = JSON.parse(
  new TextDecoder().decode(readGolden('torchvision-state-dict-keys.json')),
);

/** Multiply-adds of convolutions and the dense layer for one image. */
function multiplyAdds(network: Network): number {
  return network.nodes.reduce((sum, node) => {
    const [height, width] = node.shape;
    if (node.kind === 'convolution') {
      return sum + height * width * node.kernelSize ** 2 * node.inChannels * node.outChannels;
    }
    return node.kind === 'dense' ? sum + node.inFeatures * node.outFeatures : sum;
  }, 0);
}

describe('ImageNet networks', () => {
  it.each([
    ['resnet18', '278a49eb0887b86f46af4fa313c334a140d13465551e164c8cd686ee255fa5f1'],
    ['resnet34', '26e5bfec5d7bd93c58e79600d46d4ad03259ba951d105954f9ec7a154d0da135'],
    ['resnet50', '5443a3642294ffe3e25bab86283253cedbb5e447af118aac8046deb1c802f0f6'],
    ['resnet101', '3e6f9b42d8dc5b54e4a534c4e371ccedf031c0fc0cafc6d8bb47ee4ac083b63e'],
    ['resnet152', '7f803617c6ea9a36732dd76efedd5da17dcf43be70767ffcd9cd552f482527cb'],
  ] as const)('%s has the state dict of torchvision', (architecture, sha256) => {
    const { network, layout } = networkWithLayout({ architecture, numClasses: 1000 });
    const lines = stateDictItems(network, layout).map((item) => `${item.name} [${item.torchShape.join(',')}]`);
    expect(lines).toEqual(keys[architecture]);
    expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(sha256);
  });

  it.each([
    ['resnet18', 1_814_073_344, 9_600],
    ['resnet34', 3_663_761_408, 17_024],
    ['resnet50', 4_089_184_256, 53_120],
    ['resnet101', 7_801_405_440, 105_344],
    ['resnet152', 11_513_626_624, 151_424],
  ] as const)(
    '%s (v1.5, option B) has the multiply-adds and statistics of torchvision',
    (architecture, adds, statistics) => {
      const { network, layout } = networkWithLayout({ architecture, numClasses: 1000 });
      expect(multiplyAdds(network)).toBe(adds);
      expect(layout.numStatistics).toBe(statistics);
    },
  );
});

describe('CIFAR networks', () => {
  it.each([
    ['resnet20', 40.551, 1_376],
    ['resnet32', 68.863, 2_272],
    ['resnet44', 97.174, 3_168],
    ['resnet56', 125.486, 4_064],
    ['resnet110', 252.888, 8_096],
  ] as const)(
    '%s (option A) has the multiply-adds and statistics of the paper',
    (architecture, millions, statistics) => {
      const { network, layout } = networkWithLayout({ architecture, numClasses: 10 });
      expect(multiplyAdds(network) / 1e6).toBeCloseTo(millions, 3);
      expect(layout.numStatistics).toBe(statistics);
    },
  );
});
