import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { RefusedInputError } from '#contracts';
import { growthText } from './growth.js';
import { addModelFlags, givenFlags, modelOf } from '../../flags/model-flags.js';
import { variantReports, variantsTable } from './variants.js';

const flagsOf = (...args: string[]): Record<string, unknown> =>
  addModelFlags(new Command()).parse(args, { from: 'user' }).opts();
const faultsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusedInputError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
};

describe('flags of a network', () => {
  it('are written as the model of a run spec', () => {
    const args = ['--block', 'basic', '--stem', '3x3', '--widths', '8,16', '--blocks', '1,2', '--skip-span', '3'];
    const gate = ['--gate', 'channel', '--gate-function', 'hard-sigmoid', '--gate-initial-bias', '-3'];
    expect(modelOf('custom', flagsOf(...args, ...gate, '--kernel-init', 'fan-in'))).toEqual({
      architecture: 'custom',
      blocks: { kind: 'basic', stem: '3x3', widths: [8, 16], numBlocks: [1, 2] },
      skipSpan: 3,
      gate: { per: 'channel', function: 'hard-sigmoid', initialBias: -3 },
      kernelInit: 'fan-in',
      numClasses: 10,
    });
    expect(modelOf('resnet34', flagsOf('--gate', 'layer', '--gate-without-bias'))).toEqual({
      architecture: 'resnet34',
      gate: { per: 'layer', bias: false },
      numClasses: 1000,
    });
    expect(givenFlags(flagsOf('--gate', 'layer', '--nested-shortcuts'))).toEqual(['--gate', '--nested-shortcuts']);
  });

  it('name the flags that are at fault', () => {
    expect(faultsOf(() => modelOf('plain20', flagsOf('--skip-span', '1', '--gate', 'layer')))).toEqual([
      '--skip-span',
      '--gate, --gate-function, --gate-kernel, --gate-without-bias, --gate-initial-bias',
    ]);
    expect(faultsOf(() => modelOf('resnet21', {}))).toEqual(['NAME']);
    expect(faultsOf(() => modelOf('resnet20', flagsOf('--gate-kernel', '3')))).toEqual(['--gate']);
    expect(faultsOf(() => modelOf('resnet20', flagsOf('--gate', 'channel', '--gate-kernel', '3')))).toEqual([
      '--gate-kernel',
    ]);
  });
});

describe('variants of a network', () => {
  it('are those it can be built in', () => {
    const names = (name: string): readonly string[] => variantReports(modelOf(name, {})).map(({ variant }) => variant);
    expect(names('resnet20')).toContain('span of 3 layers');
    expect(names('resnet50')).toContain('nested shortcuts');
    expect(names('resnet50').some((name) => name.startsWith('span'))).toBe(false);
    expect(names('plain20')).toEqual(['as it is', 'no shortcuts']);
    expect(names('resnet18').some((name) => name.startsWith('v1'))).toBe(false);
  });

  it('have the counts and the memory of the network they are', () => {
    const reports = variantReports(modelOf('resnet50', {}));
    const v1 = reports.find(({ variant }) => variant.startsWith('v1'));
    expect(v1).toMatchObject({ parameters: 25_557_032, multiplyAdds: 3_857_973_248 });
    expect(variantsTable(reports)).toMatch(/v1, stride on the first 1x1 +50 +25,557,032 +0 +3,857,973,248 +80\.1 MB/);
  });
});

describe('growth', () => {
  it('is the cost of a further layer, from the shallowest network on', () => {
    const measured = (name: string, numLayers: number, loadMs: number) => ({
      name,
      numLayers,
      numNodes: 1,
      buildMs: 1,
      encodeMs: 1,
      graphBytes: 1,
      loadMs,
      firstStepMs: 1,
      stepMs: 1,
      peakRssBytes: 1,
    });
    const text = growthText([measured('deep', 300, 1400), measured('shallow', 100, 400), measured('middle', 200, 900)]);
    const [title = '', ...rows] = text.split('\n');
    expect(title).toMatch(/SHALLOW +MIDDLE +DEEP +A LAYER, 100-200 +A LAYER, 200-300/);
    expect(rows.find((row) => row.startsWith('load'))).toMatch(/400 ms +900 ms +1400 ms +5.00 ms +5.00 ms/);
  });
});
