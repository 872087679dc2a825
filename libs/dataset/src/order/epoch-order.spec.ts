import { describe, expect, it } from '@jest/globals';
import { epochOrder } from './epoch-order.js';

describe('epochOrder', () => {
  it('visits every sample once', () => {
    expect([...epochOrder(1, 0, 1000)].sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
  });

  it('is a function of seed, epoch and length', () => {
    expect(epochOrder(1, 2, 100)).toEqual(epochOrder(1, 2, 100));
    expect(epochOrder(1, 3, 100)).not.toEqual(epochOrder(1, 2, 100));
    expect(epochOrder(2, 2, 100)).not.toEqual(epochOrder(1, 2, 100));
  });
});
