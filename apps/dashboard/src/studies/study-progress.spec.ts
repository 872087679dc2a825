import { describe, expect, it } from '@jest/globals';
import type { StudyTrialView } from '#contracts';
import { numOver, progressMark, studyShare } from './study-progress.js';

function trial(changes: Partial<StudyTrialView>): StudyTrialView {
  return {
    labels: ['20'],
    seed: 1,
    runId: 'r',
    state: 'running',
    reason: null,
    step: 0,
    totalSteps: 10,
    trainError: null,
    validationError: null,
    bestValidationError: null,
    ...changes,
  };
}

describe('progress of a study', () => {
  const trials = [
    trial({ state: 'finished', step: 10 }),
    trial({ step: 5 }),
    trial({ state: 'failed', step: 1 }),
    trial({ state: 'waiting', totalSteps: 0 }),
  ];

  it('counts every run the same, and one that is over in full', () => {
    expect(studyShare({ trials })).toBe((1 + 0.5 + 1 + 0) / 4);
    expect(numOver({ trials })).toBe(2);
    expect(studyShare({ trials: [] })).toBe(0);
  });

  it('has another mark when a run gets further, is evaluated or ends, and the same one otherwise', () => {
    const marks = [
      trials,
      trials.with(1, trial({ step: 6 })),
      trials.with(1, trial({ step: 5, validationError: 0.5 })),
      trials.with(1, trial({ step: 5, state: 'paused' })),
    ].map((some) => progressMark({ trials: some }));
    expect(new Set(marks).size).toBe(4);
    expect(progressMark({ trials: [...trials] })).toBe(marks[0]);
  });
});
