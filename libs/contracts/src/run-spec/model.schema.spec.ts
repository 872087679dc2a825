import { describe, expect, it } from '@jest/globals';
import { completeGate } from './gate.schema.js';
import { blockTableOf, shortcutOf } from './model-faults.js';
import { modelSchema } from './model.schema.js';
import { runSpecSchema } from './run-spec.schema.js';

describe('modelSchema', () => {
  it('keeps a model as it was written: what is left out stays out', () => {
    const model = { architecture: 'resnet20', shortcut: 'A', numClasses: 10 };
    expect(modelSchema.parse(model)).toEqual(model);
  });

  it('takes every choice where it means something', () => {
    const models = [
      { architecture: 'resnet1202', shortcutPadding: 'both', numClasses: 10 },
      { architecture: 'resnet50', shortcut: 'A', shortcutPadding: 'both', variant: 'v1', numClasses: 10 },
      { architecture: 'resnet18', shortcut: 'C', zeroInitResidual: true, numClasses: 10 },
      { architecture: 'plain34', zeroInitResidual: false, numClasses: 10 },
    ];
    for (const model of models) expect(modelSchema.safeParse(model).success).toBe(true);
  });

  it('names every choice that means nothing, beside the faults of the rest of the run', () => {
    const model = {
      architecture: 'plain20',
      shortcut: 'A',
      shortcutPadding: 'both',
      variant: 'v1',
      zeroInitResidual: true,
      numClasses: 10,
    };
    const dataset = { kind: 'image-folder', path: 'data' };
    const refused = runSpecSchema.safeParse({ name: 'x', model, dataset, epochs: 0 });
    const paths = refused.error?.issues.map((issue) => issue.path.join('.')).sort();
    expect(paths).toEqual([
      'epochs',
      'model.shortcut',
      'model.shortcutPadding',
      'model.variant',
      'model.zeroInitResidual',
    ]);
  });

  it('names an unknown network once, beside fields that are wrong by themselves', () => {
    for (const numClasses of [1, 10]) {
      const issues = modelSchema.safeParse({ architecture: 'resnet99', numClasses }).error?.issues ?? [];
      const paths = issues.map(({ path }) => path.join('.'));
      expect(paths).toEqual(numClasses === 1 ? ['architecture', 'numClasses'] : ['architecture']);
      expect(issues[0]?.message).toMatch(/^resnet99 is none of resnet20, .*custom$/);
    }
  });

  it('knows the default shortcut of every family', () => {
    expect(shortcutOf({ architecture: 'resnet1202' })).toBe('A');
    expect(shortcutOf({ architecture: 'resnet18' })).toBe('B');
    expect(shortcutOf({ architecture: 'resnet50', shortcut: 'C' })).toBe('C');
    expect(shortcutOf({ architecture: 'plain18' })).toBeNull();
  });

  const faultsOf = (model: object): Record<string, string> =>
    Object.fromEntries(
      (modelSchema.safeParse({ numClasses: 10, ...model }).error?.issues ?? []).map(({ path, message }) => [
        path.join('.'),
        message,
      ]),
    );
  const blocks = { kind: 'basic', stem: '3x3', widths: [8, 16], numBlocks: [1, 2] };

  it('takes every 6n+2 layers by name, and nothing that only looks like it', () => {
    for (const architecture of ['resnet8', 'resnet26', 'plain98', 'resnet1202'])
      expect(faultsOf({ architecture })).toEqual({});
    for (const architecture of [
      'resnet21',
      'plain50',
      'plain152',
      'resnet2',
      'resnet020',
      'resnet6002',
      'toString',
      'custom7',
    ])
      expect(faultsOf({ architecture })['architecture']).toMatch(/is none of/);
    // ImageNet nets, although 50 and 152 are 6n+2.
    expect(blockTableOf({ architecture: 'resnet50' })?.kind).toBe('bottleneck');
    expect(blockTableOf({ architecture: 'resnet152' })?.numBlocks).toEqual([3, 8, 36, 3]);
  });

  it('takes a block table of one entry a stage, for a custom network alone', () => {
    expect(faultsOf({ architecture: 'custom', blocks })).toEqual({});
    expect(Object.keys(faultsOf({ architecture: 'custom' }))).toEqual(['blocks']);
    expect(Object.keys(faultsOf({ architecture: 'resnet20', blocks }))).toEqual(['blocks']);
    const uneven = { ...blocks, widths: [16, 8, 8] };
    expect(Object.keys(faultsOf({ architecture: 'custom', blocks: uneven })).sort()).toEqual([
      'blocks.numBlocks',
      'blocks.widths',
    ]);
    expect(faultsOf({ architecture: 'custom', blocks: { ...blocks, widths: [16, 8] }, shortcut: 'B' })).toEqual({});
    expect(
      Object.keys(faultsOf({ architecture: 'custom', blocks: { ...blocks, stem: '5x5', widths: [0, 1.5] } })).sort(),
    ).toEqual(['blocks.stem', 'blocks.widths.0', 'blocks.widths.1']);
  });

  it('lets a span divide the stages of a named network, and be anything in a custom one', () => {
    expect(faultsOf({ architecture: 'resnet20', skipSpan: 3 })).toEqual({});
    expect(faultsOf({ architecture: 'resnet32', skipSpan: 3 })['skipSpan']).toMatch(
      /have 10 layers: one of 1, 2, 5, 10, not 3/,
    );
    expect(faultsOf({ architecture: 'custom', blocks, skipSpan: 3 })).toEqual({});
    expect(faultsOf({ architecture: 'resnet50', skipSpan: 3 })['skipSpan']).toMatch(/bottleneck/);
  });

  it('names all that gates cannot be at once', () => {
    const gate = { per: 'element', function: 'constant', kernelSize: 3, bias: false, initialBias: 1 };
    expect(Object.keys(faultsOf({ architecture: 'resnet20', gate })).sort()).toEqual([
      'gate.bias',
      'gate.initialBias',
      'gate.kernelSize',
      'gate.per',
    ]);
    expect(faultsOf({ architecture: 'resnet20', gate: { per: 'channel', kernelSize: 3 } })).toHaveProperty([
      'gate.kernelSize',
    ]);
    expect(completeGate({ per: 'layer' })).toEqual({
      per: 'layer',
      function: 'sigmoid',
      kernelSize: 1,
      initialBias: -2,
    });
    expect(completeGate({ per: 'layer', bias: false }).initialBias).toBeNull();
  });

  it('refuses spans, gates and nesting where there are no shortcuts', () => {
    const choices = { skipSpan: 1, gate: { per: 'layer' }, nestedShortcuts: true };
    for (const plain of [{ architecture: 'plain20' }, { architecture: 'resnet20', shortcut: 'none' }])
      expect(Object.keys(faultsOf({ ...plain, ...choices })).sort()).toEqual(['gate', 'nestedShortcuts', 'skipSpan']);
    const single = { ...blocks, numBlocks: [1, 1] };
    expect(faultsOf({ architecture: 'custom', blocks: single, nestedShortcuts: true })).toHaveProperty(
      'nestedShortcuts',
    );
  });
});
