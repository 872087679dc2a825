import { describe, expect, it } from '@jest/globals';
import type { DatasetSurvey } from '#dataset';
import { surveyText } from './survey-text.js';

const survey: DatasetSurvey = {
  kind: 'image-folder',
  path: 'pets',
  classes: [
    { name: 'n1', readableName: 'cat', numTrain: 1200, numValidation: 3 },
    { name: 'n2', readableName: 'dog', numTrain: 4, numValidation: 5 },
  ],
  numTrainSamples: 1204,
  numValidationSamples: 8,
  width: { min: 10, median: 12, max: 40 },
  height: { min: 8, median: 8, max: 8 },
  formats: { jpeg: 1211, png: 1 },
  numTurned: 1_100,
  numWithProfile: 3,
  digest: 'ab',
  faults: [],
  broken: [],
};

describe('surveyText', () => {
  it('gives totals and one row a class with its readable name', () => {
    const text = surveyText(survey);
    expect(text).toMatch(/^pets: image-folder, 2 classes\ntrain +1,204 images\nvalidation +8 images/);
    expect(text).toMatch(
      /width +10 to 40 px, median 12 px\nheight +8 px\nformats +jpeg \(1,211\), png \(1\)\nturned +1,100 .*\nprofiles +3 /,
    );
    expect(text).toMatch(/CLASS +NAME +TRAIN +VALIDATION\nn1 +cat +1,200 +3\nn2 +dog +4 +5/);
    expect(text).toMatch(/nothing is wrong with it$/);
  });

  it('leaves out names that say nothing more than the class', () => {
    const classes = survey.classes.map((one) => ({ ...one, readableName: one.name }));
    expect(surveyText({ ...survey, classes })).not.toContain('NAME');
  });

  it('names the first twenty faults and counts the rest', () => {
    const broken = Array.from({ length: 25 }, (_, index) => ({ path: `train/n1/${index}.jpg`, message: 'is empty' }));
    const text = surveyText({ ...survey, digest: null, faults: [{ path: 'val/', message: 'is missing' }], broken });
    expect(text).toContain('digest      none');
    expect(text).toContain('wrong (1 faults, 25 broken files):\n  val/: is missing\n  train/n1/0.jpg: is empty');
    expect(text).toMatch(/train\/n1\/18\.jpg: is empty\n {2}and 6 more \(--json names all\)$/);
  });
});
