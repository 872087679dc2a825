import { describe, expect, it } from '@jest/globals';
import { modelSchema, shortcutOf } from './model.schema.js';
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

  it('knows the default shortcut of every family', () => {
    expect(shortcutOf({ architecture: 'resnet1202' })).toBe('A');
    expect(shortcutOf({ architecture: 'resnet18' })).toBe('B');
    expect(shortcutOf({ architecture: 'resnet50', shortcut: 'C' })).toBe('C');
    expect(shortcutOf({ architecture: 'plain18' })).toBeNull();
  });
});
