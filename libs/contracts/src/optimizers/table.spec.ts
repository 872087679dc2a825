import { describe, expect, it } from '@jest/globals';
import { chosenOptimizer, OPTIMIZERS, optimizerSchema } from './table.js';

describe('the table of optimisers', () => {
  it('takes settings that name none as SGD, as specs on disk are', () => {
    const old = { learningRate: 0.2, momentum: 0.8, nesterov: true, weightDecay: 1e-4, decayed: ['kernels'] };
    expect(optimizerSchema.parse(old)).toMatchObject({ kind: 'sgd', ...old });
    expect(optimizerSchema.parse({})).toEqual(optimizerSchema.parse({ kind: 'sgd' }));
  });

  it.each(Object.keys(OPTIMIZERS))('finds %s by its kind, with defaults for everything but it', (kind) => {
    const settings = optimizerSchema.parse({ kind });
    const { slots, rule } = chosenOptimizer(settings);
    expect(settings.kind).toBe(kind);
    expect(new Set(slots).size).toBe(slots.length);
    const { weightDecay, learningRate } = settings;
    expect(rule.scalars({ learningRate: 0.5, step: 1 })).toMatchObject({ weightDecay, learningRate: 0.5 });
    expect(learningRate).toBeGreaterThan(0);
  });

  it('says which there are where another is asked for, and which field is wrong', () => {
    const faults = (given: object): readonly string[] =>
      optimizerSchema.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
    expect(faults({ kind: 'adagrad' })).toEqual([`kind: must be one of ${Object.keys(OPTIMIZERS).join(', ')}`]);
    expect(faults({ clipNorm: 0, momentum: 1 })).toHaveLength(2);
    expect(faults({ beta1: 0.9 })).toEqual([expect.stringContaining('beta1')]);
  });
});
