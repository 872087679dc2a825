import { describe, expect, it } from '@jest/globals';
import { datasetBody, datasetFields } from './dataset-body.js';

const FIELDS = { name: ' shapes ', kind: 'image-folder', path: ' /data/shapes', settings: '' } as const;

describe('the body of a data set', () => {
  it('holds the fields and the members of the settings', () => {
    expect(datasetBody(FIELDS)).toEqual({ name: 'shapes', kind: 'image-folder', path: '/data/shapes' });
    const settings = '{ "split": { "validation": 0.1 } }';
    expect(datasetBody({ ...FIELDS, settings })).toMatchObject({ name: 'shapes', split: { validation: 0.1 } });
  });

  it('is refused where the settings are no object or say again what has a field', () => {
    for (const settings of ['{', '[]', '3', '{ "path": "/other" }'])
      expect(typeof datasetBody({ ...FIELDS, settings })).toBe('string');
  });

  it('is what a data set is shown as', () => {
    const dataset = {
      kind: 'cifar100',
      path: '/data',
      labels: 'coarse',
      name: 'cifar@2',
    } as const;
    const fields = datasetFields('cifar', dataset);
    expect(datasetBody(fields)).toEqual({ name: 'cifar', kind: 'cifar100', path: '/data', labels: 'coarse' });
  });
});
