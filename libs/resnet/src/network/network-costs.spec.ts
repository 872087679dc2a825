import { describe, expect, it } from '@jest/globals';
import { ARCHITECTURES } from '#contracts';
import { buildNetwork } from './build-network.js';
import { networkCosts } from './network-costs.js';
import type { NetworkOptions } from './network-options.js';
import { layoutOf } from '../layout/vector-layout.js';

const count = (options: Omit<NetworkOptions, 'numClasses'>, numClasses: number): [number, number] => {
  const { parameters, multiplyAdds } = networkCosts(buildNetwork({ ...options, numClasses }));
  return [parameters, multiplyAdds];
};
const parametersOf = (options: Omit<NetworkOptions, 'numClasses'>, numClasses: number): number =>
  count(options, numClasses)[0];
const giga = (multiplyAdds: number, digits: number): string => (multiplyAdds / 1e9).toFixed(digits);

describe('networkCosts', () => {
  it.each([
    // name, A with 10 classes, A with 100, B with 10, C with 10, millions of multiply-adds of A, normalisations
    ['resnet20', 269_722, 275_572, 272_474, 283_962, '40.551', 19],
    ['resnet32', 464_154, 470_004, 466_906, 489_594, '68.863', 31],
    ['resnet44', 658_586, 664_436, 661_338, 695_226, '97.174', 43],
    ['resnet56', 853_018, 858_868, 855_770, 900_858, '125.486', 55],
    ['resnet110', 1_727_962, 1_733_812, 1_730_714, 1_826_202, '252.888', 109],
    ['resnet1202', 19_421_274, 19_427_124, 19_424_026, 20_538_714, '2829.239', 1201],
  ] as const)('%s has exactly the counts of the paper', (architecture, a10, a100, b10, c10, millions, norms) => {
    expect(parametersOf({ architecture }, 10)).toBe(a10);
    expect(parametersOf({ architecture, shortcut: 'A', shortcutPadding: 'both' }, 10)).toBe(a10);
    expect(parametersOf({ architecture }, 100)).toBe(a100);
    expect(parametersOf({ architecture, shortcut: 'B' }, 10)).toBe(b10);
    expect(parametersOf({ architecture, shortcut: 'C' }, 10)).toBe(c10);
    expect((count({ architecture }, 10)[1] / 1e6).toFixed(3)).toBe(millions);
    const { nodes } = buildNetwork({ architecture, numClasses: 10 });
    expect(nodes.filter((node) => node.kind === 'batch-normalization')).toHaveLength(norms);
  });

  it.each([
    // name, parameters A, B, C, multiply-adds of B, billions of A, B, C, projections of C
    ['resnet18', 11_515_688, 11_689_512, 12_043_816, 1_814_073_344, ['1.7948', '1.8141', '1.8783'], 8],
    ['resnet34', 21_623_848, 21_797_672, 22_716_840, 3_663_761_408, ['3.6445', '3.6638', '3.8307'], 16],
    ['resnet50', 22_780_456, 25_557_032, 40_128_552, 4_089_184_256, ['3.7295', '4.0892', '6.5554'], 16],
    ['resnet101', 41_772_584, 44_549_160, 76_981_288, 7_801_405_440, ['7.4417', '7.8014', '13.7615'], 33],
    ['resnet152', 57_416_232, 60_192_808, 107_335_720, 11_513_626_624, ['11.1540', '11.5136', '20.9676'], 50],
  ] as const)('%s has exactly the counts of the table', (architecture, a, b, c, exact, billions, projections) => {
    const options = (['A', 'B', 'C'] as const).map((shortcut) => count({ architecture, shortcut }, 1000));
    expect(options.map(([parameters]) => parameters)).toEqual([a, b, c]);
    expect(options.map(([, multiplyAdds]) => giga(multiplyAdds, 4))).toEqual(billions);
    expect(count({ architecture }, 1000)).toEqual([b, exact]);
    const { nodes } = buildNetwork({ architecture, shortcut: 'C', numClasses: 1000 });
    expect(nodes.filter((node) => 'name' in node && node.name.endsWith('downsample.0'))).toHaveLength(projections);
  });

  it.each([
    ['resnet18', 11_181_642, 11_227_812, 11_690_025],
    ['resnet34', 21_289_802, 21_335_972, 21_798_185],
    ['resnet50', 23_528_522, 23_712_932, 25_559_081],
    ['resnet101', 42_520_650, 42_705_060, 44_551_209],
    ['resnet152', 58_164_298, 58_348_708, 60_194_857],
  ] as const)('%s has the counts of other heads', (architecture, ...counts) => {
    expect([10, 100, 1001].map((numClasses) => parametersOf({ architecture }, numClasses))).toEqual(counts);
  });

  it.each([
    ['resnet50', '3.858'],
    ['resnet101', '7.570'],
    ['resnet152', '11.282'],
  ] as const)('%s v1 has the multiply-adds of the paper and the parameters of v1.5', (architecture, billions) => {
    const [parameters, multiplyAdds] = count({ architecture, variant: 'v1' }, 1000);
    expect(giga(multiplyAdds, 3)).toBe(billions);
    expect(parameters).toBe(parametersOf({ architecture }, 1000));
  });

  it.each(['18', '34', '20', '32', '44', '56', '110'] as const)('plain%s costs what option A does', (depth) => {
    const numClasses = Number(depth) % 6 === 2 && depth !== '18' ? 10 : 1000;
    expect(count({ architecture: `plain${depth}` }, numClasses)).toEqual(
      count({ architecture: `resnet${depth}`, shortcut: 'A' }, numClasses),
    );
  });

  it.each(ARCHITECTURES)('%s has the layers of its name, and a layout of as many parameters', (architecture) => {
    const network = buildNetwork({ architecture, numClasses: 10 });
    const { numLayers, parameters } = networkCosts(network);
    expect(`${architecture.startsWith('plain') ? 'plain' : 'resnet'}${numLayers}`).toBe(architecture);
    expect(layoutOf(network).numParameters).toBe(parameters);
  });

  it('keeps what the backward pass reads, once', () => {
    const network = buildNetwork({ architecture: 'plain20', numClasses: 10 });
    // The image, 19 convolutions' outputs (read by the normalisation) and 19 ReLUs', and what the head reads.
    const [stage1, stage2, stage3] = [32 * 32 * 16, 16 * 16 * 32, 8 * 8 * 64];
    const floats = 32 * 32 * 3 + 2 * (7 * stage1 + 6 * stage2 + 6 * stage3) + 64;
    expect(networkCosts(network).keptBytes).toBe(4 * floats);
  });

  /** Inputs and outputs of the 3n blocks of resnet 6n+2. */
  const blockChannels = (n: number): readonly (readonly [number, number])[] =>
    [16, 32, 64].flatMap((width, stage) =>
      Array.from({ length: n }, (_, block) => [block === 0 && stage > 0 ? width / 2 : width, width] as const),
    );
  const sumOver = (n: number, cost: (inChannels: number, outChannels: number) => number): number =>
    blockChannels(n).reduce((sum, [inChannels, outChannels]) => sum + cost(inChannels, outChannels), 0);

  it.each([
    ['element, 1x1', { per: 'element' }, 13_904, (c: number, k: number) => c * k + k],
    ['element, 3x3', { per: 'element', kernelSize: 3 }, 122_448, (c: number, k: number) => 9 * c * k + k],
    ['element, no bias', { per: 'element', bias: false }, 13_568, (c: number, k: number) => c * k],
    ['channel', { per: 'channel' }, 13_904, (c: number, k: number) => c * k + k],
    ['layer', { per: 'layer' }, 297, (c: number) => c + 1],
    ['constant per channel', { per: 'channel', function: 'constant' }, 336, (_: number, k: number) => k],
    ['constant per layer', { per: 'layer', function: 'constant' }, 9, () => 1],
  ] as const)('counts a gate per %s', (_, gate, more, cost) => {
    expect(parametersOf({ architecture: 'resnet20', gate }, 10)).toBe(269_722 + more);
    expect(sumOver(3, cost)).toBe(more);
    expect(parametersOf({ architecture: 'resnet110', gate }, 10)).toBe(1_727_962 + sumOver(18, cost));
    expect(networkCosts(buildNetwork({ architecture: 'resnet20', gate, numClasses: 10 })).numLayers).toBe(20);
  });

  it('keeps depth and parameters whatever a shortcut of option A spans or nests', () => {
    const base = count({ architecture: 'resnet20' }, 10);
    for (const choice of [
      { skipSpan: 1 },
      { skipSpan: 3 },
      { skipSpan: 6 },
      { nestedShortcuts: true },
      { shortcut: 'none' },
    ] as const)
      expect(count({ architecture: 'resnet20', ...choice }, 10)).toEqual(base);
    // Two stages are entered by one more projection with batch normalisation each.
    const projections = 16 * 32 + 2 * 32 + (32 * 64 + 2 * 64);
    expect(parametersOf({ architecture: 'resnet20', shortcut: 'B', nestedShortcuts: true }, 10)).toBe(
      272_474 + projections,
    );
  });

  it.each([8, 26, 98, 602])('counts resnet%d by the formula of 6n+2', (depth) => {
    const n = (depth - 2) / 6;
    const convolutions = sumOver(n, (inChannels, outChannels) => 9 * outChannels * (inChannels + outChannels));
    const norms = 2 * (16 + 2 * n * (16 + 32 + 64));
    expect(parametersOf({ architecture: `resnet${depth}` }, 10)).toBe(9 * 3 * 16 + convolutions + norms + 650);
  });
});
