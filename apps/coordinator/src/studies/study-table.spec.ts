import { describe, expect, it } from '@jest/globals';
import { studySpecSchema, studyTableSchema, type StudyTrialView, type StudyView } from '#contracts';
import { meanOf } from './mean.js';
import { studyTable } from './study-table.js';
import { csvTable, markdownTable } from './table-text.js';

const DATA = { kind: 'image-folder', path: '/images' };
const spec = studySpecSchema.parse({
  name: 's',
  base: { model: { architecture: '{network}{depth}', numClasses: 10 }, dataset: DATA, epochs: 1 },
  axes: [
    { name: 'network', values: ['plain', 'resnet'] },
    { name: 'depth', values: [20] },
  ],
  seeds: [1, 2],
});

function trial(network: string, seed: number, changes: Partial<StudyTrialView> = {}): StudyTrialView {
  return {
    labels: [network, '20'],
    seed,
    runId: `${network}-${seed}`,
    state: 'finished',
    reason: null,
    step: 4,
    totalSteps: 4,
    trainError: 0.25 * seed,
    validationError: 0.3,
    bestValidationError: 0.2,
    ...changes,
  };
}

const study: StudyView = {
  id: 's1',
  name: 's',
  spec,
  state: 'finished',
  createdAt: 1,
  finishedAt: 2,
  numRuns: 4,
  numFinished: 3,
  numFailed: 1,
  figures: [],
  trials: [
    trial('plain', 1),
    trial('plain', 2),
    trial('resnet', 1),
    trial('resnet', 2, { state: 'failed', reason: 'loss | "nan", at step 3', trainError: 0.9 }),
  ],
};

describe('meanOf', () => {
  it('is the mean and the sample deviation, which one value does not have', () => {
    expect(meanOf([1, 2, 3, 4])).toEqual({ mean: 2.5, std: Math.sqrt(5 / 3), count: 4 });
    expect(meanOf([0.5])).toEqual({ mean: 0.5, std: null, count: 1 });
    expect(meanOf([])).toBeNull();
  });
});

describe('studyTable', () => {
  const table = studyTable(study);

  it('has a row for each combination, over the seeds that have finished', () => {
    expect(studyTableSchema.parse(table).rows).toMatchObject([
      {
        labels: ['plain', '20'],
        parameters: 269_722,
        numFinished: 2,
        missing: null,
        trainError: { mean: 0.375, count: 2 },
      },
      { labels: ['resnet', '20'], numFinished: 1, trainError: { mean: 0.25, std: null, count: 1 } },
    ]);
    expect(table.rows[1]?.missing).toBe('seed 2 failed: loss | "nan", at step 3');
  });

  it('is written as markdown, with what failed, in cells that stay cells', () => {
    expect(markdownTable(table)).toBe(
      [
        '| network | depth | parameters | runs | training error % | validation error % | best validation error % | missing |',
        '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
        '| plain | 20 | 269,722 | 2/2 | 37.50 ± 17.68 | 30.00 ± 0.00 | 20.00 ± 0.00 |  |',
        '| resnet | 20 | 269,722 | 1/2 | 25.00 | 30.00 | 20.00 | seed 2 failed: loss \\| "nan", at step 3 |',
        '',
      ].join('\n'),
    );
  });

  it('is written as CSV, with means and deviations apart', () => {
    const [header, plain, resnet] = csvTable(table).split('\r\n');
    expect(header?.split(',')).toHaveLength(12);
    expect(plain).toMatch(/^plain,20,269722,2,2,0\.375,0\.1767\d+,0\.3,0,0\.2,0,$/);
    expect(resnet).toBe('resnet,20,269722,2,1,0.25,,0.3,,0.2,,"seed 2 failed: loss | ""nan"", at step 3"');
  });
});
