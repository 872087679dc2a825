import { describe, expect, it } from '@jest/globals';
import { datasetPaths } from './dataset-paths.js';

describe('SKIPLANE_DATASET_PATHS', () => {
  it('says where this host has data sets, by name, by path or by address', () => {
    expect(
      datasetPaths.parse('imagenet=/ssd/in/, /data/c10=/ssd/year=2026 ,s3://bucket/x/=/ssd/x,y=s3://near/y'),
    ).toEqual([
      { from: 'imagenet', to: '/ssd/in' },
      { from: '/data/c10', to: '/ssd/year=2026' },
      { from: 's3://bucket/x', to: '/ssd/x' },
      { from: 'y', to: 's3://near/y' },
    ]);
  });

  it('is refused by naming every fault', () => {
    const messages = datasetPaths
      .safeParse('imagenet,a=,=b,data/c=/d,x=/1,x=/2')
      .error?.issues.map(({ message }) => message);
    expect(messages).toEqual([
      expect.stringContaining('has "imagenet", which is no NAME=PATH'),
      expect.stringContaining('has "a="'),
      expect.stringContaining('has "=b"'),
      expect.stringContaining('has "data/c", which is neither a name nor an absolute path'),
      'names x twice',
    ]);
  });
});
