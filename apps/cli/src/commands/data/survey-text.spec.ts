import { describe, expect, it } from '@jest/globals';
import { surveyText, type Inspection } from './survey-text.js';

const survey: Inspection = {
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
  sizeBytes: { min: 700, median: 2_000, max: 4_000_000 },
  others: [
    { extension: '.heic', kind: 'HEIC', count: 60 },
    { extension: '', kind: 'text', count: 1 },
  ],
  examination: {
    duplicates: { numImages: 0, numOfOtherClass: 0, examples: [] },
    nearDuplicates: null,
    undecodable: null,
  },
  digest: 'ab',
  faults: [],
  broken: [],
};

describe('surveyText', () => {
  it('gives totals and one row a class with its readable name', () => {
    const text = surveyText(survey);
    expect(text).toMatch(
      /^pets: image-folder, 2 classes\ntrain +1,204 images\nvalidation +8 images\na class +4 to 1,200 training images, median 4 \(300\.0 times/,
    );
    expect(text).toMatch(
      /width +10 to 40 px, median 12 px\nheight +8 px\nfile size +700 B to 4\.0 MB, median 2\.0 kB\nformats +jpeg \(1,211\), png \(1\)\nturned +1,100 .*\nprofiles +3 /,
    );
    expect(text).toMatch(/CLASS +NAME +TRAIN +VALIDATION\nn1 +cat +1,200 +3\nn2 +dog +4 +5/);
    expect(text).toMatch(/left out +61 files .*: 60 \.heic \(HEIC\), 1 without extension \(text\)\n/);
    expect(text).toMatch(/duplicates +none/);
    expect(text).toMatch(/nothing is wrong with it$/);
  });

  it('names copies, and says where none were looked for', () => {
    const example = { validation: 'val/a/1.jpg', train: 'train/b/2.jpg', isOfOneClass: false };
    const duplicates = { numImages: 7, numOfOtherClass: 2, examples: Array.from({ length: 7 }, () => example) };
    const undecodable = [{ path: 'train/a/9.jpg', message: 'it is damaged' }];
    const text = surveyText({ ...survey, examination: { duplicates, nearDuplicates: duplicates, undecodable } });
    expect(text).toMatch(
      /decoded +1 images cannot be\nduplicates +7 images of validation .*, 2 of them in another class\n/,
    );
    expect(text).toMatch(/alike +7 images[^]*val\/a\/1\.jpg and train\/b\/2\.jpg\n +and 2 more\n/);
    expect(text).toMatch(/wrong \(0 faults, 1 broken files\):\n {2}train\/a\/9\.jpg: it is damaged$/);
    expect(surveyText({ ...survey, examination: null })).not.toContain('duplicates');
  });

  it('sums up many classes and keeps each name on its line', () => {
    const classes = Array.from({ length: 1000 }, (_, at) => ({
      name: `n\u001b[31m${at}\n`,
      readableName: `n\u001b[31m${at}\n`,
      numTrain: 1300 - at,
      numValidation: 50,
    }));
    const text = surveyText({ ...survey, classes });
    expect(text).toMatch(/CLASS +TRAIN +VALIDATION\nn\\x1b\[31m999\\x0a +301 +50\n/);
    expect(text).toContain('the 5 smallest and largest of 1,000 classes (--json has all)');
    expect(text.split('\n').length).toBeLessThan(35);
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
