import { describe, expect, it } from '@jest/globals';
import { ARCHITECTURES, RefusedInputError, type Architecture } from '#contracts';
import { buildNetwork } from './build-network.js';
import { layoutOf } from './vector-layout.js';

const numParameters = (architecture: Architecture, shortcut: 'A' | 'B', numClasses: number): number =>
  layoutOf(buildNetwork({ architecture, shortcut, numClasses })).numParameters;

describe('buildNetwork', () => {
  it.each([
    ['resnet20', 269_722, 275_572, 272_474],
    ['resnet32', 464_154, 470_004, 466_906],
    ['resnet44', 658_586, 664_436, 661_338],
    ['resnet56', 853_018, 858_868, 855_770],
    ['resnet110', 1_727_962, 1_733_812, 1_730_714],
  ] as const)('%s has exactly the parameters of the paper', (architecture, a10, a100, b10) => {
    expect(numParameters(architecture, 'A', 10)).toBe(a10);
    expect(numParameters(architecture, 'A', 100)).toBe(a100);
    expect(numParameters(architecture, 'B', 10)).toBe(b10);
  });

  it.each([
    ['resnet18', 11_689_512, 11_181_642, 11_227_812],
    ['resnet34', 21_797_672, 21_289_802, 21_335_972],
    ['resnet50', 25_557_032, 23_528_522, 23_712_932],
    ['resnet101', 44_549_160, 42_520_650, 42_705_060],
    ['resnet152', 60_192_808, 58_164_298, 58_348_708],
  ] as const)('%s has exactly the parameters of torchvision', (architecture, b1000, b10, b100) => {
    expect(numParameters(architecture, 'B', 1000)).toBe(b1000);
    expect(numParameters(architecture, 'B', 10)).toBe(b10);
    expect(numParameters(architecture, 'B', 100)).toBe(b100);
  });

  it('gives basic ImageNet networks option A too', () => {
    expect(numParameters('resnet18', 'A', 1000)).toBe(11_515_688);
    expect(numParameters('resnet34', 'A', 1000)).toBe(21_623_848);
  });

  it.each(ARCHITECTURES)('%s names its inputs before itself and agrees on shapes', (architecture) => {
    const { nodes } = buildNetwork({ architecture, numClasses: 10 });
    for (const [index, node] of nodes.entries()) {
      for (const input of node.inputs) expect(input).toBeLessThan(index);
      if (node.kind === 'add') {
        for (const input of node.inputs) expect(nodes[input]?.shape).toEqual(node.shape);
      }
    }
    expect(nodes.at(-1)).toMatchObject({ kind: 'dense', name: 'fc', outFeatures: 10 });
  });

  it('takes odd sizes: shortcut and branch shrink alike', () => {
    for (const architecture of ['resnet20', 'resnet18', 'resnet50'] as const) {
      for (const imageSize of [16, 17, 33, 225]) {
        const { nodes } = buildNetwork({ architecture, numClasses: 3, imageSize });
        for (const node of nodes) {
          if (node.kind === 'add') for (const input of node.inputs) expect(nodes[input]?.shape).toEqual(node.shape);
        }
      }
    }
  });

  it('refuses option A for bottleneck blocks', () => {
    expect(() => buildNetwork({ architecture: 'resnet50', shortcut: 'A', numClasses: 10 })).toThrow(RefusedInputError);
  });

  it('names every fault at once', () => {
    const refusal = (): unknown =>
      buildNetwork({ architecture: 'resnet101', shortcut: 'A', numClasses: 1, imageSize: 7.5 });
    expect(refusal).toThrow(/shortcut.*numClasses.*imageSize/);
    const foreign: { architecture: Architecture } = JSON.parse('{"architecture":"toString"}');
    expect(() => buildNetwork({ ...foreign, numClasses: 2 })).toThrow(/is none of/);
  });
});
