import { describe, expect, it } from '@jest/globals';
import { stepsPerEpoch, totalRounds, type TimelineNumbers } from '#contracts';
import { Foresight } from './foresight.js';
import { LaneSampler } from './lane-samples.js';

const numbers: TimelineNumbers = {
  numTrainSamples: 400_000,
  numValidationSamples: 10,
  lanes: 4,
  laneBatchSize: 100,
  epochs: 2,
};
const STEPS = stepsPerEpoch(numbers);

/** In the order of the samples, so that a draw tells its place. */
function foresight(): Foresight {
  const order = Uint32Array.from({ length: numbers.numTrainSamples }, (_, at) => at);
  const sampler = new LaneSampler(numbers, () => order);
  return new Foresight({
    numRounds: totalRounds(numbers),
    samplesARound: numbers.laneBatchSize,
    mostRounds: STEPS,
    samples: (lane, round) => sampler.samples(lane, round),
  });
}

const trainingOf = (wanted: ReturnType<Foresight['tell']>): Uint32Array =>
  wanted?.find(({ split }) => split === 'train')?.samples ?? new Uint32Array();

describe('Foresight', () => {
  it('tells what the lanes that are loaded will want, in the order of the rounds', () => {
    const ahead = foresight();
    expect(trainingOf(ahead.tell(1, 0))[0]).toBe(100);
    const draws = trainingOf(ahead.tell(2, 0));
    expect([draws[0], draws[100], draws[200]]).toEqual([100, 200, 500]);
    expect(draws.length).toBeGreaterThanOrEqual(32_768);
  });

  it('tells again when half of it is used up, when a lane comes and when a round comes again', () => {
    const ahead = foresight();
    ahead.tell(0, 0);
    expect(ahead.tell(0, 1)).toBeUndefined();
    expect(ahead.tell(0, 163)).toBeUndefined();
    expect(trainingOf(ahead.tell(0, 164))[0]).toBe(164 * 400);
    expect(ahead.tell(3, 164)).toBeDefined();
    expect(ahead.tell(3, 165)).toBeUndefined();
    expect(ahead.tell(3, 2)).toBeDefined();
    ahead.keepLanes([0]);
    expect(ahead.tell(3, 3)).toBeDefined();
  });

  it('goes over the end of an epoch, and ends with the run', () => {
    const ahead = foresight();
    const [last, validation, next] = ahead.tell(0, STEPS - 1) ?? [];
    expect(last).toEqual({ split: 'train', samples: expect.objectContaining({ 0: (STEPS - 1) * 400, length: 100 }) });
    // A quarter of ten.
    expect(validation).toEqual({ split: 'val', samples: Uint32Array.of(0, 1) });
    expect(next?.samples[0]).toBe(0);
    const end = ahead.tell(0, 2 * STEPS) ?? [];
    expect(end.map(({ split, samples }) => [split, samples.length])).toEqual([
      ['train', 100],
      ['val', 2],
    ]);
  });
});
