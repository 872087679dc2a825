import { describe, expect, it } from '@jest/globals';
import { ARCHITECTURES, RefusedInputError } from '#contracts';
import { buildNetwork } from './build-network.js';
import type { NetworkOptions } from './network-options.js';

describe('buildNetwork', () => {
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

  it('strides a bottleneck on its 3x3, or on its first 1x1 in variant v1', () => {
    const strides = (variant: 'v1' | 'v1.5' | undefined): readonly number[] =>
      buildNetwork({ architecture: 'resnet50', numClasses: 10, variant }).nodes.flatMap((node) =>
        node.kind === 'convolution' && node.name.startsWith('layer2.0.') ? [node.stride] : [],
      );
    expect(strides(undefined)).toEqual([1, 2, 1, 2]);
    expect(strides('v1.5')).toEqual([1, 2, 1, 2]);
    expect(strides('v1')).toEqual([2, 1, 1, 2]);
  });

  it('puts the zeros of option A after the data, or around it', () => {
    const zeros = (options: Partial<NetworkOptions>): readonly (readonly number[])[] =>
      buildNetwork({ architecture: 'resnet20', numClasses: 10, ...options }).nodes.flatMap((node) =>
        node.kind === 'zero-pad-shortcut' ? [[node.stride, node.channelsBefore, node.channelsAfter]] : [],
      );
    expect(zeros({})).toEqual([
      [2, 0, 16],
      [2, 0, 32],
    ]);
    expect(zeros({ shortcutPadding: 'both' })).toEqual([
      [2, 8, 8],
      [2, 16, 16],
    ]);
    expect(zeros({ architecture: 'resnet50', shortcut: 'A' })[0]).toEqual([1, 0, 192]);
  });

  it('gives plain nets the convolutions and no shortcut', () => {
    const kinds = new Set(buildNetwork({ architecture: 'plain18', numClasses: 10 }).nodes.map((node) => node.kind));
    expect([...kinds].filter((kind) => kind === 'add' || kind === 'zero-pad-shortcut')).toEqual([]);
  });

  it('starts the last gamma of each block at zero if asked to, no other', () => {
    const starting = (zeroInitResidual: boolean): readonly string[] =>
      buildNetwork({ architecture: 'resnet50', numClasses: 10, zeroInitResidual }).nodes.flatMap((node) =>
        node.kind === 'batch-normalization' && node.startsAtZero === true ? [node.name] : [],
      );
    expect(starting(false)).toEqual([]);
    expect(starting(true)).toHaveLength(16);
    expect(starting(true).every((name) => name.endsWith('.bn3'))).toBe(true);
  });

  it('refuses what means nothing for the network', () => {
    const refusal = (options: Omit<NetworkOptions, 'numClasses'>) => (): unknown =>
      buildNetwork({ ...options, numClasses: 10 });
    expect(refusal({ architecture: 'plain18', shortcut: 'B' })).toThrow(/shortcut: plain18 is a plain net/);
    expect(refusal({ architecture: 'plain20', shortcutPadding: 'both' })).toThrow(/shortcutPadding.*plain net/);
    expect(refusal({ architecture: 'plain20', zeroInitResidual: true })).toThrow(/zeroInitResidual.*plain net/);
    expect(refusal({ architecture: 'resnet18', shortcutPadding: 'both' })).toThrow(/shortcutPadding.*option B/);
    expect(refusal({ architecture: 'resnet34', variant: 'v1.5' })).toThrow(/variant: only bottleneck nets/);
    expect(refusal({ architecture: 'resnet20', zeroInitResidual: true })).not.toThrow();
  });

  it('names every fault at once', () => {
    const refusal = (): unknown =>
      buildNetwork({ architecture: 'resnet20', variant: 'v1', numClasses: 1, imageSize: 7.5 });
    expect(refusal).toThrow(RefusedInputError);
    expect(refusal).toThrow(/variant.*numClasses.*imageSize/);
    const foreign: { architecture: string } = JSON.parse('{"architecture":"toString","shortcut":"D"}');
    expect(() => buildNetwork({ ...foreign, numClasses: 2 })).toThrow(
      /is none of.*must be one of A, B, C, none, not D/,
    );
  });

  const joins = (options: Omit<NetworkOptions, 'numClasses'>): number =>
    buildNetwork({ ...options, numClasses: 10 }).nodes.filter(({ kind }) => kind === 'add' || kind === 'mix').length;

  it('builds a block table as it builds the network of the same table', () => {
    const tables = {
      resnet20: { kind: 'basic', stem: '3x3', widths: [16, 32, 64], numBlocks: [3, 3, 3] },
      resnet50: { kind: 'bottleneck', stem: '7x7', widths: [64, 128, 256, 512], numBlocks: [3, 4, 6, 3] },
    } as const;
    for (const [architecture, { widths, numBlocks, ...table }] of Object.entries(tables)) {
      const blocks = { ...table, widths: [...widths], numBlocks: [...numBlocks] };
      const custom = buildNetwork({ architecture: 'custom', blocks, numClasses: 10 });
      expect(custom).toEqual({ ...buildNetwork({ architecture, numClasses: 10 }), architecture: 'custom' });
    }
  });

  it('cuts a named network into spans, and gives the blocks of a custom one as many layers', () => {
    expect([1, 2, 3, 6].map((skipSpan) => joins({ architecture: 'resnet20', skipSpan }))).toEqual([18, 9, 6, 3]);
    const blocks = { kind: 'basic' as const, stem: '3x3' as const, widths: [8, 16], numBlocks: [2, 1] };
    const { nodes } = buildNetwork({ architecture: 'custom', blocks, skipSpan: 3, numClasses: 10 });
    const names = nodes.flatMap((node) => (node.kind === 'convolution' ? [node.name.replace('layer', '')] : []));
    const layers = ['conv1', 'conv2', 'conv3'];
    const blockLayers = ['1.0', '1.1', '2.0'].flatMap((block) => layers.map((layer) => `${block}.${layer}`));
    expect(names).toEqual(['conv1', ...blockLayers]);
  });

  it('gates every shortcut by what its block reads', () => {
    for (const gate of [
      { per: 'element', kernelSize: 3 },
      { per: 'channel' },
      { per: 'layer' },
      { per: 'channel', function: 'constant' },
    ] as const) {
      const { nodes } = buildNetwork({ architecture: 'resnet20', gate, numClasses: 10 });
      const mixes = nodes.filter((node) => node.kind === 'mix');
      expect(mixes).toHaveLength(9);
      expect(nodes.some(({ kind }) => kind === 'add')).toBe(false);
      for (const { shape, inputs } of mixes) {
        const [branch, shortcut, opened] = inputs.map((index) => nodes[index]);
        expect([branch?.shape, shortcut?.shape]).toEqual([shape, shape]);
        const pixels = gate.per === 'element' ? shape.slice(0, 2) : [1, 1];
        expect(opened).toMatchObject({ kind: 'gate', shape: [...pixels, gate.per === 'layer' ? 1 : shape[2]] });
      }
    }
  });

  it('nests the shortcuts of blocks in one of each stage', () => {
    expect(joins({ architecture: 'resnet20', nestedShortcuts: true })).toBe(9 + 3);
    const { nodes } = buildNetwork({ architecture: 'resnet20', nestedShortcuts: true, shortcut: 'B', numClasses: 10 });
    const projections = nodes.flatMap((node) =>
      'name' in node && node.name.endsWith('.downsample.0') ? [node.name] : [],
    );
    expect(projections).toEqual(['layer2.0', 'layer2', 'layer3.0', 'layer3'].map((name) => `${name}.downsample.0`));
  });

  it('names the faults of tables and gates that types did not see', () => {
    const foreign: NetworkOptions = JSON.parse(
      '{"architecture":"custom","blocks":{"kind":"odd","stem":"3x3","widths":[4],"numBlocks":[0]},"gate":{"per":"all"},"skipSpan":0,"numClasses":2}',
    );
    expect(() => buildNetwork(foreign)).toThrow(/blocks\.kind.*blocks\.numBlocks\.0.*gate\.per.*skipSpan/);
  });
});
