import { describe, expect, it } from '@jest/globals';
import type { DatasetView } from '#contracts';
import { exampleFor, withDataset } from './spec-dataset.js';

const spec = {
  name: 'r',
  model: { architecture: 'resnet20', numClasses: 10 },
  dataset: { kind: 'cifar10', path: '/d' },
};

describe('a spec with a named data set', () => {
  it('has its name and its number of classes, and the rest as it was', () => {
    const text = withDataset(JSON.stringify(spec), 'imagenet', 1000);
    expect(JSON.parse(text ?? '')).toEqual({
      ...spec,
      model: { architecture: 'resnet20', numClasses: 1000 },
      dataset: 'imagenet',
    });
    expect(JSON.parse(withDataset('{"recipe":"x"}', 'a', null) ?? '')).toEqual({ recipe: 'x', dataset: 'a' });
  });

  it('begins from the example for images of its size', () => {
    const newest = { numClasses: 1000 } as NonNullable<DatasetView['newest']>;
    const content = { width: { min: 1, median: 500, max: 900 } } as DatasetView['content'];
    expect(JSON.parse(exampleFor({ name: 'imagenet', newest, content }))).toMatchObject({
      name: 'resnet50-imagenet',
      dataset: 'imagenet',
      model: { architecture: 'resnet50', numClasses: 1000 },
    });
    expect(JSON.parse(exampleFor({ name: 'shapes', newest, content: null }))).toMatchObject({
      model: { architecture: 'resnet20', numClasses: 1000 },
    });
  });

  it('is none where the text is none', () => {
    expect(withDataset('{', 'a', 1)).toBeNull();
    expect(withDataset('[]', 'a', 1)).toBeNull();
  });
});
