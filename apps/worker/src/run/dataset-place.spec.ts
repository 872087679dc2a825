import { describe, expect, it } from '@jest/globals';
import { datasetPlace } from './dataset-place.js';

const PLACES = [
  { from: 'imagenet', to: '/ssd/in' },
  { from: '/data', to: '/mnt' },
  { from: '/data/fast', to: '/ssd' },
  { from: 's3://bucket/x', to: '/ssd/x' },
];

describe('where a host has a data set', () => {
  it.each([
    [{ name: 'imagenet@3', path: '/data/imagenet' }, '/ssd/in'],
    [{ name: 'cifar@1', path: '/data/cifar' }, '/mnt/cifar'],
    [{ path: '/data/' }, '/mnt'],
    [{ path: '/data/fast/a' }, '/ssd/a'],
    [{ path: '/data/faster' }, '/mnt/faster'],
    [{ path: '/database' }, undefined],
    [{ path: 's3://bucket/x/train' }, '/ssd/x/train'],
  ])('%j is %s', (dataset, place) => expect(datasetPlace(dataset, PLACES)).toBe(place));
});
