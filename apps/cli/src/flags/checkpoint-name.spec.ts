import { describe, expect, it } from '@jest/globals';
import { checkpointName } from './checkpoint-name.js';

describe('the name of a checkpoint', () => {
  it('is a step, newest or best, and nothing else', () => {
    expect(['0', '400', 'newest', 'best'].map(checkpointName)).toEqual([0, 400, 'newest', 'best']);
    for (const text of ['', ' ', '-1', '1.5', 'worst', 'Best'])
      expect(() => checkpointName(text)).toThrow('Expected a step, newest or best.');
  });
});
