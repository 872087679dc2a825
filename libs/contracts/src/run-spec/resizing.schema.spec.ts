import { describe, expect, it } from '@jest/globals';
import { resizingSchema, trainingSide } from './resizing.schema.js';

const sides = (numEpochs: number, input: unknown): number[] => {
  const resizing = resizingSchema.parse(input);
  return Array.from({ length: numEpochs }, (_, epoch) => trainingSide(resizing, epoch));
};

describe('progressive resizing', () => {
  it('goes from one side to the other in multiples, as FFCV does', () => {
    // rn50_16_epochs.yaml: epoch 12 is half way, 176, of which 192 is the nearest multiple of 32, halves up.
    expect(sides(16, { from: 160, to: 192, startEpoch: 11, endEpoch: 13 })).toEqual([
      ...Array.from({ length: 12 }, () => 160),
      ...Array.from({ length: 4 }, () => 192),
    ]);
    expect(sides(9, { from: 128, to: 224, endEpoch: 8 })).toEqual([128, 128, 160, 160, 192, 192, 192, 224, 224]);
  });

  it('may shrink, begins and ends with sides that are no multiples, and never leaves the two', () => {
    expect(sides(5, { from: 40, to: 20, endEpoch: 4, multiple: 8 })).toEqual([40, 32, 32, 24, 20]);
    expect(sides(3, { from: 16, to: 40, endEpoch: 2, multiple: 100 })).toEqual([16, 16, 40]);
  });

  it('refuses an end that is not after the start', () => {
    const parsed = resizingSchema.safeParse({ from: 16, to: 32, startEpoch: 4, endEpoch: 4 });
    expect(parsed.error?.issues).toMatchObject([{ path: ['endEpoch'] }]);
  });
});
