import { describe, expect, it } from '@jest/globals';
import { figureWords, stopRules } from './stop-words.js';

describe('what stops a run', () => {
  it('is named rule by rule', () => {
    const noImprovement = { epochs: 3, figure: 'loss', minDelta: 0.01 } as const;
    expect(stopRules({ stopWhen: { accuracy: 0.935, top5Accuracy: 0.99, loss: 0.2, noImprovement } })).toEqual([
      'validation accuracy of at least 93.5 %',
      'validation top-5 accuracy of at least 99 %',
      'validation loss of at most 0.2',
      'no better validation loss by more than 0.01 in 3 epochs',
    ]);
    expect(stopRules({ stopWhen: { noImprovement: { epochs: 1, figure: 'accuracy', minDelta: 0 } } })).toEqual([
      'no better validation accuracy in 1 epoch',
    ]);
    expect(stopRules({ stopWhen: { hours: 1.5, notFinite: true } })).toEqual([
      '1.5 hours of training',
      'a loss or gradient that is not finite',
    ]);
    expect(stopRules({})).toEqual([]);
  });

  it('judges checkpoints by figures in their units', () => {
    expect(figureWords({ figure: 'accuracy', value: 0.9125 })).toBe('91.25 %');
    expect(figureWords({ figure: 'top5Accuracy', value: 1 })).toBe('top-5 100 %');
    expect(figureWords({ figure: 'loss', value: 0.31204 })).toBe('loss 0.3120');
  });
});
