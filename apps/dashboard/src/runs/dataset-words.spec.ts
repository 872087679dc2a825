import { describe, expect, it } from '@jest/globals';
import { datasetWords } from './dataset-words.js';

const folder = { kind: 'image-folder', path: '/data', unreadable: 'refuse', orientation: 'upright' } as const;

describe('what a run does with its data set', () => {
  it('is told where it is not the default', () => {
    expect(datasetWords(folder)).toEqual([]);
    expect(datasetWords({ kind: 'cifar10', path: '/data', balance: 'none', shuffle: 'global' })).toEqual([]);
    const all = {
      ...folder,
      split: { validation: 0.125, seed: 3 },
      shuffle: 'blocks',
      balance: 'classes',
      augmentation: 'scale-crop',
      unreadable: 'skip',
      orientation: 'as-stored',
    } as const;
    expect(datasetWords(all)).toEqual([
      '12.5 % of every class for validation (seed 3)',
      'shuffled by blocks',
      'classes drawn equally often',
      'augmentation scale-crop',
      'unreadable images left out',
      'images as stored, not turned',
    ]);
  });
});
