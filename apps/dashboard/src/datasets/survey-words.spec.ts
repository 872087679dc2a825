import { describe, expect, it } from '@jest/globals';
import type { DatasetSurveyView } from '#contracts';
import { surveyShare, surveyText } from './survey-words.js';

const survey = (numSamples: number, numExpected: number | null): DatasetSurveyView => ({
  state: 'running',
  message: '',
  numSamples,
  numExpected,
  startedAt: 1,
  finishedAt: null,
  problem: null,
});

describe('a survey under way', () => {
  it('has a share where it is known how much there is, and never more than all of it', () => {
    expect([survey(5, 20), survey(25, 20), survey(5, null), survey(0, 0)].map(surveyShare)).toEqual([
      0.25,
      1,
      null,
      null,
    ]);
    expect(surveyText(survey(412_000, 1_331_167))).toBe('412,000 of 1,331,167 images');
    expect(surveyText(survey(1, null))).toBe('1 image');
  });
});
