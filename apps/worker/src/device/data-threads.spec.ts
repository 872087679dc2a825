import { describe, expect, it } from '@jest/globals';
import { usualDataThreads } from './data-threads.js';

describe('the threads that decode images', () => {
  it('are one on a CPU, and on GPUs their share of the cores', () => {
    const usual = [
      [0, 64],
      [1, 2],
      [1, 8],
      [8, 96],
      [8, 4],
      [1, 128],
      [8, 96, 4],
      [4, 96, 4],
    ].map(([numGpus = 0, numCores = 1, numOwn]) => usualDataThreads(numGpus, numCores, numOwn));
    expect(usual).toEqual([1, 1, 7, 11, 1, 16, 47, 64]);
  });
});
