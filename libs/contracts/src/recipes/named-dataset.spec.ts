import { describe, expect, it } from '@jest/globals';
import { submittedRunSchema } from './resolve-recipe.js';

const run = { name: 'a', model: { architecture: 'resnet20', numClasses: 10 }, epochs: 1 };
const faultsOf = (dataset: unknown): readonly string[] =>
  submittedRunSchema.safeParse({ ...run, dataset }).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the data set of a run', () => {
  it.each([
    ['imagenet', { kind: 'named', name: 'imagenet' }],
    ['imagenet@12', { kind: 'named', name: 'imagenet@12' }],
    [{ name: 'a.b-c_1' }, { kind: 'named', name: 'a.b-c_1' }],
    [
      { name: 'x', shuffle: 'blocks' },
      { kind: 'named', name: 'x', shuffle: 'blocks' },
    ],
    [
      { kind: 'cifar10', path: '/c' },
      { kind: 'cifar10', path: '/c' },
    ],
    [
      { kind: 'cifar10', path: '/c', name: 'c@1' },
      { kind: 'cifar10', path: '/c', name: 'c@1' },
    ],
  ])('may be %j', (dataset, expected) => {
    expect(submittedRunSchema.parse({ ...run, dataset }).dataset).toEqual(expected);
  });

  it.each([
    ['/data/imagenet', 'dataset.name'],
    ['imagenet@0', 'dataset.name'],
    ['imagenet@', 'dataset.name'],
    ['', 'dataset.name'],
    [{ name: 'x', orientation: 'upright' }, 'dataset'],
    [{ path: '/data' }, 'dataset.kind'],
    [{ path: '/data', name: 'x' }, 'dataset.kind'],
    [7, 'dataset'],
  ])('may not be %j', (dataset, path) => expect(faultsOf(dataset)).toEqual([path]));

  it('that has a name takes the settings of a recipe', () => {
    const { dataset } = submittedRunSchema.parse({ ...run, recipe: 'he2015-cifar10', dataset: 'cifar' });
    expect(dataset).toEqual({ kind: 'named', name: 'cifar', augmentation: 'pad-crop' });
  });
});
