import { describe, expect, it } from '@jest/globals';
import { runSpecSchema } from '../run-spec/run-spec.schema.js';
import { evaluationTimeline, numRoundsOf, partSlice, timelineOf } from './plan-timeline.js';
import { laneSlice, roundPosition } from './timeline.js';

const spec = runSpecSchema.parse({
  name: 'small',
  model: { architecture: 'resnet20', numClasses: 2 },
  dataset: { kind: 'image-folder', path: '/data' },
  lanes: 3,
  laneBatchSize: 4,
  epochs: 2,
});
const dataset = { numTrainSamples: 40, numValidationSamples: 17 };

describe('the timeline of an evaluation', () => {
  it.each([
    ['val', 17],
    ['train', 40],
  ] as const)('takes every sample of %s once, in order, however uneven rounds and lanes are', (split, numSamples) => {
    for (const numRounds of [1, 2, 5]) {
      const timeline = evaluationTimeline({ spec, dataset, evaluation: { split, numRounds } });
      expect(numRoundsOf(timeline)).toBe(numRounds);
      const taken: number[] = [];
      for (let round = 0; round < numRounds; round += 1) {
        for (let lane = 0; lane < spec.lanes; lane += 1) {
          const [from, to] = partSlice(timeline, round, lane);
          for (let sample = from; sample < to; sample += 1) taken.push(sample);
        }
      }
      expect(taken).toEqual(Array.from({ length: numSamples }, (_, at) => at));
    }
  });
});

describe('the timeline of a training run', () => {
  it('has the steps and evaluations of its epochs', () => {
    const timeline = timelineOf({ kind: 'training', spec, dataset });
    expect(numRoundsOf(timeline)).toBe(10);
    if (timeline.kind !== 'training') throw new Error('not a training run');
    expect(laneSlice(timeline, roundPosition(timeline, 4), 2)).toEqual([11, 17]);
  });
});
