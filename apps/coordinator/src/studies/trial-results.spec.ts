import { describe, expect, it } from '@jest/globals';
import { RunDetail } from '../runs/run-detail.js';
import type { TrainingCommits } from '../runs/training-commits.js';
import { runRecord } from '../testing/run-record.js';
import { trialResults } from './trial-results.js';

/** 10 training samples in steps of 4, 4 and 2, two epochs. */
const record = runRecord();

function commitsAfter(accuracies: readonly number[], evaluations: readonly number[]): TrainingCommits {
  const detail = new RunDetail(record);
  accuracies.forEach((accuracy, index) => {
    const epoch = Math.floor(index / 3);
    const samples = index % 3 === 2 ? 2 : 4;
    const timings = { dataMs: 0, computeMs: 0, exchangeMs: 0, updateMs: 0 };
    const step = { step: index + 1, round: index + epoch, epoch, loss: 1, accuracy, samples, at: 1, durationMs: 1 };
    detail.take({ kind: 'step', incarnation: 1, step: { ...step, learningRate: 0.1, timings } });
  });
  evaluations.forEach((accuracy, epoch) => {
    const evaluation = { epoch, step: 3 * (epoch + 1), loss: 1, accuracy, samples: 4, at: 1 };
    detail.take({ kind: 'evaluation', incarnation: 1, evaluation });
  });
  return detail.training;
}

describe('trialResults', () => {
  it('takes the training error over the samples of the last epoch, the validation error last and at its best', () => {
    const { errors, curves } = trialResults(record, commitsAfter([0, 0, 0, 1, 0.5, 0], [0.75, 0.5]));
    expect(errors).toEqual({ trainError: 0.4, validationError: 0.5, bestValidationError: 0.25 });
    expect(curves.validation).toEqual([
      { step: 3, error: 0.25 },
      { step: 6, error: 0.5 },
    ]);
    expect(curves.train.map(({ error }) => error)).toEqual([1, 1, 1, 0, 0.5, 1]);
  });

  it('says nothing of a run that has not begun', () => {
    expect(trialResults(record, commitsAfter([], []))).toEqual({
      errors: { trainError: null, validationError: null, bestValidationError: null },
      curves: { train: [], validation: [] },
    });
  });

  it('draws a long run with as many points as can be told apart', () => {
    const long = runRecord({ spec: { ...record.spec, epochs: 100 } });
    const { curves } = trialResults(
      long,
      commitsAfter(
        Array.from({ length: 6 }, () => 0.5),
        [],
      ),
    );
    // 300 steps in 60 windows of 5: one whole, and one that has begun.
    expect(curves.train).toEqual([
      { step: 5, error: 0.5 },
      { step: 6, error: 0.5 },
    ]);
  });
});
