import { describe, expect, it } from '@jest/globals';
import { classRows, trainSpread } from './class-rows.js';

const one = (name: string, readableName: string, numTrain: number) => ({
  name,
  readableName,
  numTrain,
  numValidation: 1,
});
const CLASSES = [one('n01', 'tench', 5), one('n02', 'goldfish', 9), one('n03', 'white shark', 5), one('n04', 'Ant', 1)];

const labels = (words: string, sort: Parameters<typeof classRows>[2]): number[] =>
  classRows(CLASSES, words, sort).map(({ label }) => label);

describe('classes of a data set', () => {
  it('are found by all words of their names and by their number', () => {
    expect(labels('', 'number')).toEqual([0, 1, 2, 3]);
    expect(labels('SHARK white', 'number')).toEqual([2]);
    expect(labels('n0 fish', 'number')).toEqual([1]);
    expect(labels('3 ant', 'number')).toEqual([3]);
  });

  it('are sorted, equal ones by their number', () => {
    expect(labels('', 'most')).toEqual([1, 0, 2, 3]);
    expect(labels('', 'fewest')).toEqual([3, 0, 2, 1]);
    expect(labels('', 'name')).toEqual([3, 1, 0, 2]);
  });

  it('are summed up by the images that each has', () => {
    expect(trainSpread(CLASSES)).toEqual({ min: 1, median: 5, max: 9 });
    expect(trainSpread([])).toBeNull();
  });
});
