import { describe, expect, it } from '@jest/globals';
import { blockOrder, type BlockOrderOptions } from './block-order.js';

const NUM_SAMPLES = 20_000;
const SECTIONS = [8_000, 7_000, 5_000];
/** Shards of 1,000 samples. */
const FILES = Uint32Array.from({ length: NUM_SAMPLES }, (_, sample) => Math.floor(sample / 1_000));
const ALL = Uint32Array.from({ length: NUM_SAMPLES }, (_, sample) => sample);

function orderOf(options: Partial<BlockOrderOptions> = {}): Uint32Array {
  const whole = { seed: 1, epoch: 0, draws: ALL, files: FILES, numSamples: NUM_SAMPLES, sections: SECTIONS };
  return blockOrder({ ...whole, ...options });
}

describe('blockOrder', () => {
  it('has every sample once', () => {
    expect(orderOf().toSorted()).toEqual(ALL);
    expect(orderOf({ files: null }).toSorted()).toEqual(ALL);
  });

  it('is a function of seed, epoch and files', () => {
    expect(orderOf()).toEqual(orderOf());
    expect(orderOf({ epoch: 1 })).not.toEqual(orderOf());
    expect(orderOf({ seed: 2 })).not.toEqual(orderOf());
  });

  it('reads few files at a time, mixed, and none again later but at the end of a section', () => {
    const order = orderOf();
    let from = 0;
    for (const length of SECTIONS) {
      const section = order.subarray(from, from + length);
      const filesOf = (part: Uint32Array): Set<number> => new Set(Array.from(part, (sample) => FILES[sample] ?? -1));
      for (let at = 0; at + 1_000 <= length; at += 500) {
        expect(filesOf(section.subarray(at, at + 1_000)).size).toBeLessThanOrEqual(12);
      }
      expect(filesOf(section.subarray(0, 500)).size).toBeGreaterThanOrEqual(4);
      // A section of k shards touches the two that it shares with its neighbours as well.
      expect(filesOf(section).size).toBeLessThanOrEqual(length / 1_000 + 2);
      from += length;
    }
  });

  it('mixes windows of thousands of neighbours where a sample is a file', () => {
    const section = orderOf({ files: null }).subarray(0, 500);
    const blocks = new Set(Array.from(section, (sample) => Math.floor(sample / 64)));
    expect(blocks.size).toBeGreaterThanOrEqual(28);
    expect(blocks.size).toBeLessThanOrEqual(64);
  });

  it('keeps the draws of a sample in its shard', () => {
    const draws = Uint32Array.from({ length: 4_000 }, (_, at) => (at % 2 === 0 ? at / 2 : (at - 1) / 2 + NUM_SAMPLES));
    expect(orderOf({ draws, sections: [4_000] }).toSorted()).toEqual(draws.toSorted());
  });
});
