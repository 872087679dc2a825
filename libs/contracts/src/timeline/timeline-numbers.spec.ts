import { describe, expect, it } from '@jest/globals';
import { runSpecSchema } from '../run-spec/run-spec.schema.js';
import { timelineNumbers } from './timeline-numbers.js';
import { laneSlice, roundPosition, totalRounds, totalSteps } from './timeline.js';

const spec = runSpecSchema.parse({
  name: 'small',
  model: { architecture: 'resnet20', numClasses: 2 },
  dataset: { kind: 'image-folder', path: '/data' },
  lanes: 3,
  laneBatchSize: 4,
  epochs: 2,
});
const dataset = { numTrainSamples: 40, numValidationSamples: 17, classes: ['a', 'b'], digest: '' };

describe('the timeline of an evaluation by itself', () => {
  it.each([
    ['val', 17],
    ['train', 40],
  ] as const)('takes every sample of %s once, in order, however uneven rounds and lanes are', (split, numSamples) => {
    for (const numRounds of [1, 2, 5]) {
      const numbers = timelineNumbers({ spec, dataset, evaluation: { split, numRounds } });
      expect([totalRounds(numbers), totalSteps(numbers)]).toEqual([numRounds, 0]);
      const taken: number[] = [];
      for (let round = 0; round < numRounds; round += 1) {
        expect(roundPosition(numbers, round).kind).toBe('evaluate');
        for (let lane = 0; lane < spec.lanes; lane += 1) {
          const [from, to] = laneSlice(numbers, roundPosition(numbers, round), lane);
          for (let sample = from; sample < to; sample += 1) taken.push(sample);
        }
      }
      expect(taken).toEqual(Array.from({ length: numSamples }, (_, at) => at));
    }
  });

  it('leaves a run its own', () => {
    const numbers = timelineNumbers({ spec, dataset });
    expect([totalRounds(numbers), totalSteps(numbers)]).toEqual([10, 8]);
    expect(laneSlice(numbers, roundPosition(numbers, 4), 2)).toEqual([11, 17]);
  });
});
