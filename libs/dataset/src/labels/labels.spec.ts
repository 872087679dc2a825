import { describe, expect, it } from '@jest/globals';
import { classesOf } from './class-list.js';
import { validationOf } from './split-samples.js';

describe('classesOf', () => {
  it('orders numbers by value and words by their letters, numbers first', () => {
    expect(classesOf(['10', '2', '0', '2', 'b', 'Z', 'a', '007'])).toEqual(['0', '2', '10', '007', 'Z', 'a', 'b']);
  });
});

describe('validationOf', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `train/cat/${at}.jpg`);
  const chosen = (from: readonly string[], validation: number, seed = 0): readonly string[] => {
    const isValidation = validationOf(from, { validation, seed });
    return from.filter((_, at) => isValidation[at]);
  };

  it('takes the share of a class, whatever the order of its names', () => {
    const first = chosen(names, 0.1);
    expect(first).toHaveLength(100);
    expect(new Set(chosen(names.toReversed(), 0.1))).toEqual(new Set(first));
    expect(chosen(names, 0.1, 1)).not.toEqual(first);
  });

  it('keeps its choice when files are added', () => {
    const before = new Set(chosen(names, 0.1));
    const after = chosen([...names, 'train/cat/new.jpg'], 0.1);
    expect(after.filter((name) => !before.has(name)).length).toBeLessThanOrEqual(1);
  });

  it('leaves no class without training or, of two images and more, validation', () => {
    expect(chosen(['a'], 0.9)).toEqual([]);
    expect(chosen(['a', 'b'], 0.99)).toHaveLength(1);
    expect(chosen(['a', 'b', 'c'], 0.01)).toHaveLength(1);
  });
});
