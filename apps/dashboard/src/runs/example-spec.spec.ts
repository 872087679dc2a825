import { describe, expect, it } from '@jest/globals';
import { submittedRunSchema } from '#contracts';
import { EXAMPLE_SPECS, specText } from './example-spec.js';

describe('the specs to begin from', () => {
  it.each(EXAMPLE_SPECS)('can be submitted as they are: $title', ({ spec }) => {
    const parsed = submittedRunSchema.safeParse(JSON.parse(specText(spec)));
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(parsed.data?.name).toBe(spec.name);
  });

  it('show a recipe, and what becomes of it', () => {
    const recipe = EXAMPLE_SPECS.find(({ spec }) => 'recipe' in spec);
    expect(submittedRunSchema.parse(recipe?.spec)).toMatchObject({
      fromRecipe: 'he2015-cifar10',
      epochs: 164,
      optimizer: { schedule: { kind: 'steps', warmupUntil: { learningRate: 0.01, trainingError: 0.8 } } },
    });
  });
});
