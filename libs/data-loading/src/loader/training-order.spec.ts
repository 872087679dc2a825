import { describe, expect, it } from '@jest/globals';
import { stepsPerEpoch, type TimelineNumbers } from '#contracts';
import { epochOrder } from '#dataset';
import { LaneSampler } from './lane-samples.js';
import { trainingOrder } from './training-order.js';

const numbers: TimelineNumbers = {
  numTrainSamples: 10_000,
  numValidationSamples: 10,
  lanes: 3,
  laneBatchSize: 32,
  epochs: 2,
};
const { numTrainSamples } = numbers;
const ALL = [...Array(numTrainSamples).keys()];
/** Shards of 500 samples; nine samples in ten are of class 0. */
const index = {
  files: Uint32Array.from(ALL, (sample) => Math.floor(sample / 500)),
  labels: Uint32Array.from(ALL, (sample) => (sample % 10 === 0 ? 1 : 0)),
};
const options = { numbers, seed: 1, index };

function epochOfLane(sampler: LaneSampler, lane: number): number[] {
  return Array.from({ length: stepsPerEpoch(numbers) }, (_, round) => [...sampler.samples(lane, round).samples]).flat();
}

describe('trainingOrder', () => {
  it('mixes everything where nothing is said', () => {
    expect(trainingOrder({}, options)(1)).toEqual(epochOrder(1, 1, numTrainSamples));
  });

  it('gives each lane shards of its own, and all lanes every sample once', () => {
    const sampler = new LaneSampler(numbers, trainingOrder({ shuffle: 'blocks' }, options));
    const lanes = [0, 1, 2].map((lane) => epochOfLane(sampler, lane));
    expect(lanes.flat().sort((a, b) => a - b)).toEqual(ALL);
    for (const samples of lanes) {
      // A third of 20 shards, and one at each end that it shares.
      expect(new Set(samples.map((sample) => index.files[sample])).size).toBeLessThanOrEqual(9);
    }
  });

  it.each(['global', 'blocks'] as const)('balances the classes in %s order', (shuffle) => {
    const order = trainingOrder({ shuffle, balance: 'classes' }, options)(0);
    expect(order).toHaveLength(numTrainSamples);
    expect(new Set(order).size).toBe(numTrainSamples);
    expect([...order].filter((draw) => index.labels[draw % numTrainSamples] === 1)).toHaveLength(numTrainSamples / 2);
    expect(order).not.toEqual(order.toSorted());
  });
});
