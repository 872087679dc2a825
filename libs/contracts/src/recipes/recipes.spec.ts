import { describe, expect, it } from '@jest/globals';
import { trainingSide } from '../run-spec/resizing.schema.js';
import { runSpecSchema } from '../run-spec/run-spec.schema.js';
import { RECIPE_NAMES } from './recipe-names.js';
import { recipeView, recipeViewSchema } from './recipe-view.schema.js';
import { submittedRunSchema } from './resolve-recipe.js';

const given = { name: 'r', model: { numClasses: 10 }, dataset: { kind: 'cifar10', path: 'x' } };
const imagenet = { name: 'r', model: { numClasses: 1000 }, dataset: { kind: 'image-folder', path: 'x' } };

describe('a run that starts from a recipe', () => {
  it.each(RECIPE_NAMES)('is complete: %s', (name) => {
    const view = recipeView(name);
    expect(recipeViewSchema.parse(view)).toEqual(view);
    expect(submittedRunSchema.parse({ ...imagenet, recipe: name }).fromRecipe).toBe(name);
    // Read again, e.g. from the coordinator's record or submitted anew, it stays what it is.
    expect(submittedRunSchema.parse(view.spec)).toEqual(view.spec);
    expect(runSpecSchema.parse(view.spec)).toEqual(view.spec);
  });

  it('has the paper’s numbers for CIFAR-10, with the warm-up for 110 layers alone', () => {
    const spec = submittedRunSchema.parse({ ...given, recipe: 'he2015-cifar10' });
    expect(spec).toMatchObject({
      model: { architecture: 'resnet20' },
      dataset: { augmentation: 'pad-crop' },
      epochs: 164,
      optimizer: { learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4, nesterov: false },
    });
    expect(spec.lanes * spec.laneBatchSize).toBe(128);
    expect(spec.optimizer.schedule.warmupUntil).toBeUndefined();
    const deep = submittedRunSchema.parse({
      ...given,
      recipe: 'he2015-cifar10',
      model: { architecture: 'resnet110', numClasses: 10 },
    });
    expect(deep.optimizer.schedule).toMatchObject({
      kind: 'steps',
      warmupUntil: { learningRate: 0.01, trainingError: 0.8 },
    });
    // 391 steps an epoch: 32,000 and 48,000 iterations to within a quarter of an epoch.
    const steps = deep.optimizer.schedule.kind === 'steps' ? deep.optimizer.schedule.milestones : [];
    expect(steps.map((milestone) => Math.abs((milestone * 50_000) / 128))).toEqual([32_000, 48_000]);
  });

  it.each([
    [8, 32, 0.1, 0, undefined],
    [256, 32, 3.2, 5, 0.1 / 3.2],
    [4, 32, 0.05, 0, undefined],
  ])('scales Goyal’s rate with the batch: %d lanes of %d', (lanes, laneBatchSize, rate, warmupEpochs, start) => {
    const { optimizer, model } = submittedRunSchema.parse({ ...imagenet, recipe: 'goyal2017', lanes, laneBatchSize });
    expect(optimizer.learningRate).toBeCloseTo(rate, 12);
    expect(optimizer.schedule).toMatchObject({ kind: 'steps', milestones: [30, 60, 80], warmupEpochs });
    expect(optimizer.schedule.warmupStart).toBe(start);
    expect(optimizer.decayed).toEqual(['kernels', 'bias']);
    expect(model).toMatchObject({ headInit: 'normal', zeroInitResidual: true });
  });

  it('keeps what it was given, loses what it was given as null, and takes another schedule whole', () => {
    const spec = submittedRunSchema.parse({
      ...imagenet,
      recipe: 'he2015-imagenet',
      epochs: 3,
      optimizer: { momentum: 0.8, schedule: { kind: 'cosine', warmupEpochs: 1 } },
      regularization: { pcaColour: null, labelSmoothing: 0.1 },
    });
    expect(spec.epochs).toBe(3);
    expect(spec.optimizer).toMatchObject({ momentum: 0.8, learningRate: 0.1 });
    expect(spec.optimizer.schedule).toEqual({ kind: 'cosine', warmupEpochs: 1 });
    expect(spec.regularization).toEqual({ labelSmoothing: 0.1 });
    const same = submittedRunSchema.parse({
      ...imagenet,
      recipe: 'he2015-imagenet',
      optimizer: { schedule: { kind: 'plateau', patience: 9 } },
    });
    expect(same.optimizer.schedule).toMatchObject({ kind: 'plateau', patience: 9, metric: 'validation-error' });
  });

  it('takes another optimiser whole: the rate and schedule of the recipe are its own optimiser’s', () => {
    const optimizer = { kind: 'adamw', weightDecay: 0.05 };
    const spec = submittedRunSchema.parse({ ...imagenet, recipe: 'goyal2017', optimizer });
    expect(spec.optimizer).toMatchObject({ ...optimizer, learningRate: 1e-3, schedule: { kind: 'constant' } });
    expect(spec.optimizer).not.toHaveProperty('momentum');
  });

  it('chooses only what its network has', () => {
    const plain = { model: { architecture: 'plain34', numClasses: 1000 } };
    const { model } = submittedRunSchema.parse({ ...imagenet, ...plain, recipe: 'goyal2017' });
    expect(model).toEqual({ ...plain.model, headInit: 'normal' });
    expect(submittedRunSchema.parse({ ...imagenet, ...plain, recipe: 'he2015-imagenet' }).model).toEqual(plain.model);
    expect(submittedRunSchema.parse({ ...imagenet, recipe: 'he2015-imagenet' }).model.variant).toBe('v1');
  });

  it.each([
    ['resnet18', 1, 1024, 0.5, 5e-5],
    ['resnet50', 8, 512, 1.7, 1e-4],
    ['resnet50', 8, 128, 0.425, 1e-4],
    ['plain34', 2, 64, 0.053125, 1e-4],
  ])(
    'has FFCV’s rate and decay for its batch: %s, %d lanes of %d',
    (architecture, lanes, laneBatchSize, rate, decay) => {
      const model = { architecture, numClasses: 1000 };
      const spec = submittedRunSchema.parse({ ...imagenet, model, lanes, laneBatchSize, recipe: 'ffcv-40' });
      expect(spec.optimizer).toMatchObject({ learningRate: rate, weightDecay: decay, momentum: 0.9, nesterov: false });
      expect(spec.optimizer.schedule).toEqual({ kind: 'linear', end: 0, warmupEpochs: 2, warmupStart: 1e-4 });
      expect(spec).toMatchObject({ epochs: 40, regularization: { labelSmoothing: 0.1 } });
      // rn50_40_epochs.yaml: 160 up to and with epoch 29, 192 from 34 on, half way at 31.5.
      const { resizing } = spec;
      const sides = [0, 29, 31, 32, 34, 39].map((epoch) =>
        resizing === undefined ? 0 : trainingSide(resizing, epoch),
      );
      expect(sides).toEqual([160, 160, 160, 192, 192, 192]);
      expect(resizing?.validation).toBe(256);
      const same = submittedRunSchema.parse({ ...imagenet, recipe: 'ffcv-40', resizing: null });
      expect(same.resizing).toBeUndefined();
    },
  );

  it('is refused by name where there is no such recipe', () => {
    const parsed = submittedRunSchema.safeParse({ ...given, recipe: 'he2016' });
    expect(parsed.error?.issues[0]).toMatchObject({
      path: ['recipe'],
      message: expect.stringContaining('"he2016" is none of he2015-imagenet, he2015-cifar10'),
    });
  });
});
