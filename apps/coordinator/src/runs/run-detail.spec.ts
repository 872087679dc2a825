import { describe, expect, it } from '@jest/globals';
import { roundPosition, trainingTimeline, type StepMetrics } from '#contracts';
import { evaluationRecord, runRecord } from '../testing/run-record.js';
import { decimated } from './decimate.js';
import { RunDetail } from './run-detail.js';
import { runProgress } from './run-progress.js';
import { StepSeries } from './step-series.js';

const record = runRecord();
const numbers = trainingTimeline(record);

/** Steps of 4, 4 and 2 samples, then the evaluation, twice. */
function step(round: number, changes: Partial<StepMetrics> = {}): StepMetrics {
  const { stepsDone, epoch, stepInEpoch } = roundPosition(numbers, round);
  return {
    step: stepsDone,
    round,
    epoch,
    loss: 1 / stepsDone,
    accuracy: 0.5,
    samples: stepInEpoch === 2 ? 2 : 4,
    learningRate: 0.1,
    at: 1_000 * stepsDone,
    durationMs: 1_000,
    timings: { dataMs: 1, computeMs: 1, exchangeMs: 1, updateMs: 1 },
    ...changes,
  };
}

const TALLY = { lossSum: 1, samples: 1, correct: 1, correctTop5: 1, confusion: [] };

describe('RunDetail', () => {
  it('counts each step once, however often and in whatever order it is reported', () => {
    const detail = new RunDetail(record);
    const outcomes = [1, 0, 1, 2, 0].map((round) => detail.take({ kind: 'step', incarnation: 1, step: step(round) }));
    expect(outcomes).toEqual(['new', 'new', 'same', 'new', 'same']);
    expect(detail.training.ledgerView()).toEqual([
      { epoch: 0, samples: 10, expected: 10, missing: 0, repeated: 0, chain: null },
    ]);
    expect(detail.roundsDoneBy(1)).toBe(3);
  });

  it('shows a gap as missing until the late report fills it', () => {
    const detail = new RunDetail(record);
    for (const round of [0, 2, 4]) detail.take({ kind: 'step', incarnation: 1, step: step(round) });
    expect(detail.training.ledgerView()).toMatchObject([
      { samples: 6, missing: 4 },
      { epoch: 1, samples: 4, missing: 0 },
    ]);
    detail.take({ kind: 'step', incarnation: 1, step: step(1) });
    expect(detail.training.ledgerView()).toMatchObject([{ samples: 10, missing: 0 }, { samples: 4 }]);
  });

  it('counts samples that a step left out apart from missing ones, also when it is reported anew', () => {
    const detail = new RunDetail(record);
    const take = (leftOut: number, loss: number) =>
      detail.take({ kind: 'step', incarnation: 1, step: step(0, { samples: 4 - leftOut, loss, leftOut }) });
    take(1, 1);
    detail.take({ kind: 'step', incarnation: 1, step: step(1) });
    expect(detail.training.ledgerView()).toMatchObject([{ samples: 7, missing: 0, repeated: 0, leftOut: 1 }]);
    expect(detail.training.ledgerPage(1, 2).steps).toMatchObject([
      { step: 1, samples: 3, leftOut: 1 },
      { step: 2, samples: 4 },
    ]);
    take(2, 2);
    expect(detail.training.ledgerView()).toMatchObject([{ samples: 6, missing: 0, repeated: 0, leftOut: 2 }]);
  });

  it('tells a step computed again with other bits from one with the same', () => {
    const detail = new RunDetail(record);
    detail.take({ kind: 'step', incarnation: 1, step: step(0) });
    expect(detail.take({ kind: 'step', incarnation: 2, step: step(0, { at: 9 }) })).toBe('same');
    expect(detail.take({ kind: 'step', incarnation: 2, step: step(0, { loss: 1 + Number.EPSILON }) })).toBe('differs');
    expect(detail.training.ledgerView()).toMatchObject([{ samples: 4, repeated: 0 }]);
    // Of a step of an earlier version the digest is another one of the same vector.
    detail.take({ kind: 'step', incarnation: 1, step: step(1, { digest: 'a'.repeat(32) }) });
    expect(detail.take({ kind: 'step', incarnation: 2, step: step(1, { digest: 'b'.repeat(16) }) })).toBe('same');
    detail.take({ kind: 'step', incarnation: 1, step: step(2, { digest: 'a'.repeat(16) }) });
    expect(detail.take({ kind: 'step', incarnation: 2, step: step(2, { digest: 'b'.repeat(16) }) })).toBe('differs');
  });

  it('chains steps with their gradients, and again from one that comes late or differs', () => {
    const digest = 'a'.repeat(32);
    const chained = (rounds: readonly number[], other = digest): RunDetail => {
      const detail = new RunDetail(record);
      for (const round of rounds)
        detail.take({ kind: 'step', incarnation: 1, step: step(round, { digest: round === 1 ? other : digest }) });
      return detail;
    };
    const whole = chained([0, 1, 2, 4]);
    const chains = whole.training.ledgerView().map(({ chain }) => chain);
    expect(chains).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(whole.training.ledgerPage(3, 1)).toMatchObject({
      lastStep: 4,
      steps: [{ step: 3, digest, chain: chains[0] }],
    });
    const late = chained([0, 2, 4]);
    expect(late.training.ledgerView().map(({ chain }) => chain)).toEqual([null, null]);
    late.take({ kind: 'step', incarnation: 1, step: step(1, { digest }) });
    expect(late.training.ledgerView()).toEqual(whole.training.ledgerView());
    const different = chained([0, 1, 2, 4], 'b'.repeat(32));
    expect(
      different.training
        .ledgerPage(1, 9)
        .steps.map(({ chain }, at) => chain === whole.training.ledgerPage(1, 9).steps[at]?.chain),
    ).toEqual([true, false, false, false]);
    expect(different.take({ kind: 'step', incarnation: 2, step: step(1, { digest }) })).toBe('differs');
    expect(different.training.ledgerView()).toEqual(whole.training.ledgerView());
  });

  it('counts samples beyond what a step holds as repeated', () => {
    const detail = new RunDetail(record);
    detail.take({ kind: 'step', incarnation: 1, step: step(0, { samples: 5 }) });
    expect(detail.training.ledgerView()).toMatchObject([{ samples: 5, missing: 0, repeated: 1 }]);
  });

  it('keeps the first report of every part of an evaluation and knows the first that is missing', () => {
    const detail = new RunDetail(evaluationRecord(3));
    const take = (round: number, correct = 1) => {
      const tally = { lossSum: round, samples: 1, correct, correctTop5: 1, confusion: [] };
      return detail.take({ kind: 'part', incarnation: 1, part: { round, tally } });
    };
    expect(detail.evaluation.firstMissingRound).toBe(0);
    expect([take(2), take(0), take(2), take(0, 0), take(3)]).toEqual(['new', 'new', 'same', 'differs', 'misplaced']);
    expect([detail.evaluation.firstMissingRound, detail.roundsDoneBy(1)]).toEqual([1, 3]);
    take(1);
    expect(detail.evaluation.firstMissingRound).toBeNull();
    expect(detail.evaluation.tallies.map(({ lossSum }) => lossSum)).toEqual([0, 1, 2]);
    expect(new RunDetail(record).take({ kind: 'part', incarnation: 1, part: { round: 0, tally: TALLY } })).toBe(
      'misplaced',
    );
  });

  it('refuses what is no round of the run', () => {
    const detail = new RunDetail(record);
    for (const wrong of [step(0, { step: 2 }), step(0, { epoch: 1 }), step(3), step(0, { round: 800, step: 601 })]) {
      expect(detail.take({ kind: 'step', incarnation: 1, step: wrong })).toBe('misplaced');
    }
    const evaluation = { epoch: 2, step: 6, loss: 1, accuracy: 0, samples: 4, at: 1 };
    expect(detail.take({ kind: 'evaluation', incarnation: 1, evaluation })).toBe('misplaced');
    expect(detail.training.series.lastStep).toBe(0);
  });
});

describe('runProgress', () => {
  it('gives the rate of the last steps, not of the time before a pause', () => {
    const series = new StepSeries();
    series.put(step(0, { at: 1_000 }));
    series.put(step(1, { at: 90_000 }));
    series.put(step(2, { at: 91_000 }));
    const progress = runProgress({ ...record, state: 'running' }, { series, evaluations: [] }, 91_000);
    expect(progress).toMatchObject({ step: 3, totalSteps: 6, epoch: 1, epochs: 2, imagesPerSecond: 3, etaSeconds: 3 });
    expect(runProgress({ ...record, state: 'running' }, { series, evaluations: [] }, 101_000).imagesPerSecond).toBe(
      0.5,
    );
    expect(runProgress({ ...record, state: 'paused' }, { series, evaluations: [] }, 91_000)).toMatchObject({
      imagesPerSecond: null,
      etaSeconds: null,
    });
  });
});

describe('decimated', () => {
  const series = new StepSeries();
  for (let number = 1; number <= 10_000; number += 1) {
    series.put(step(0, { step: number, loss: number === 4_321 ? 99 : number === 7_000 ? -9 : 1 / number }));
  }

  const drawn = (from: number, to: number, points: number): number[] =>
    decimated(series, from, to, points).steps.map((one) => one.step);

  it('keeps the ends and every spike within the number of points', () => {
    const steps = drawn(1, 10_000, 200);
    expect(steps.length).toBeLessThanOrEqual(200);
    expect(steps).toEqual(expect.arrayContaining([1, 4_321, 7_000, 10_000]));
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it('gives the means of stretches that hold every step once', () => {
    const { stretches } = decimated(series, 1, 10_000, 200);
    expect(stretches).toHaveLength(99);
    expect(stretches.reduce((sum, { numSteps }) => sum + numSteps, 0)).toBe(10_000);
    expect(stretches[0]?.from).toBe(1);
    expect(stretches.at(-1)?.to).toBe(10_000);
    const spike = stretches.find(({ greatestLoss }) => greatestLoss === 99);
    expect(spike?.loss).toBeGreaterThan(99 / (spike?.numSteps ?? 1));
    expect(stretches.find(({ leastLoss }) => leastLoss === -9)?.loss).toBeLessThan(0);
    expect(decimated(series, 10, 13, 4).stretches).toEqual([]);
  });

  it('gives all there are when they fit, and two when only two may be given', () => {
    expect(drawn(10, 13, 4)).toEqual([10, 11, 12, 13]);
    expect(drawn(10, 13, 2)).toEqual([10, 13]);
    expect(drawn(20_000, 30_000, 10)).toEqual([]);
  });
});
