import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Report } from '#contracts';
import { CountsVector } from './counts-vector.js';
import { EvaluationWork } from './evaluation-work.js';
import type { Evaluator } from './evaluator.js';
import type { TestCropLoader } from './test-crop-loader.js';

const ORIGIN = { runId: 'e', incarnation: 1, workerId: 'w' };
const TIMELINE = { kind: 'evaluation', numSamples: 10, numRounds: 3, lanes: 2 } as const;

/** Counts each sample as of class 0, and the sum of the samples' numbers as the loss. */
const evaluator: Pick<Evaluator, 'counts'> = {
  counts: (samples) => {
    const vector = new CountsVector(2).toFloats();
    vector[0] = samples.reduce((sum, sample) => sum + sample, 0);
    vector[1] = samples.length;
    return Promise.resolve({ vector, dataMs: 0 });
  },
};

function workThatReports(): {
  readonly work: EvaluationWork;
  readonly rounds: number[];
  /** What files are fetched ahead for: lanes and samples of the round. */
  readonly followed: unknown[];
} {
  const followed: unknown[] = [];
  const follow: TestCropLoader['follow'] = (told) => (lanes, round) =>
    void followed.push(lanes.map((lane) => [...told.samples(lane, round)]));
  const rounds: number[] = [];
  const report = (told: Report): void => {
    if (told.kind === 'evaluation-part') rounds.push(told.part.round);
  };
  const crops = { follow };
  const options = { evaluator, crops, timeline: TIMELINE, numClasses: 2, firstRound: 1, origin: ORIGIN, report };
  return { work: new EvaluationWork(options), rounds, followed };
}

const root = (): Float32Array<ArrayBuffer> => new CountsVector(2).toFloats();

describe('the rounds of an evaluation', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('count every sample of the split once', async () => {
    const { work } = workThatReports();
    let [sum, samples] = [0, 0];
    for (let round = 0; round < work.numRounds; round += 1) {
      const { sums } = await work.compute(
        Array.from({ length: work.lanes }, (_, lane) => lane),
        round,
      );
      for (const { vector } of sums) {
        sum += vector[0] ?? 0;
        samples += vector[1] ?? 0;
      }
    }
    expect([sum, samples]).toEqual([45, 10]);
  });

  it('tell what will be read before it is', async () => {
    const { work, followed } = workThatReports();
    await work.compute([0, 1], 0);
    await work.compute([1], 2);
    expect(followed).toEqual([[[0], [1, 2]], [[8, 9]]]);
  });

  it('are reported by whoever leads, all of them by who comes to lead, and again until the end', async () => {
    const { work, rounds } = workThatReports();
    expect(await work.begin()).toBe(1);
    await work.commit(root(), 1);
    expect(rounds).toEqual([]);
    work.follow(true);
    await work.commit(root(), 2);
    work.follow(true);
    expect(rounds).toEqual([1, 2]);
    const over = new AbortController();
    const finished = work.finish(3, over.signal);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(rounds).toEqual([1, 2, 1, 2]);
    over.abort();
    await jest.advanceTimersByTimeAsync(3_000);
    await finished;
    expect(rounds).toEqual([1, 2, 1, 2]);
  });
});
