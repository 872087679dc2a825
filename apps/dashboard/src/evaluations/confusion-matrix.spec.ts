import { describe, expect, it } from '@jest/globals';
import { confusionCells, mistakes } from './confusion-matrix.js';

const classes = [
  { name: 'ant', samples: 4, correct: 3, accuracy: 0.75 },
  { name: 'bee', samples: 0, correct: 0, accuracy: null },
];
const confusion: [number, number, number][] = [
  [0, 0, 3],
  [0, 1, 1],
];

describe('the confusion matrix', () => {
  it('has a cell for every pair, with its share of the label', () => {
    expect(confusionCells({ classes, confusion })).toEqual([
      { label: 0, predicted: 0, count: 3, share: 0.75 },
      { label: 0, predicted: 1, count: 1, share: 0.25 },
      { label: 1, predicted: 0, count: 0, share: 0 },
      { label: 1, predicted: 1, count: 0, share: 0 },
    ]);
  });

  it('names the most frequent mistakes first, and no right answers', () => {
    expect(mistakes({ confusion: [...confusion, [1, 0, 5]] }, 1)).toEqual([[1, 0, 5]]);
    expect(mistakes({ confusion }, 9)).toEqual([[0, 1, 1]]);
  });
});
