import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { datasetSchema, RefusedInputError, type DatasetSpec } from '#contracts';
import { addDatasetFlags, datasetOf, givenDatasetFlags } from './dataset-flags.js';
import type { FlagValues } from './flag-table.js';

const flagsOf = (...words: readonly string[]): FlagValues =>
  addDatasetFlags(new Command().exitOverride()).parse(words, { from: 'user' }).opts();
const of = (...words: readonly string[]): Promise<DatasetSpec> => datasetOf('data', flagsOf(...words));

/** What a run does with the samples. */
const OF_RUNS = new Set(['kind', 'path', 'name', 'augmentation', 'shuffle', 'balance']);

describe('flags of a data set', () => {
  it('reach every field that decides on its samples', async () => {
    const { _zod: schema } = datasetSchema;
    const fields = new Set(schema.def.options.flatMap(({ shape }) => Object.keys(shape)));
    const given = [
      ['--kind', 'manifest', '--manifest', 'a.csv', '--file-column', 'f', '--label-column', 'l', '--split-column', 's'],
      ['--kind', 'webdataset', '--train-shards', 'a-{0..9}.tar', 'b.tar', '--validation-shards', 'v.tar'],
      ['--kind', 'parquet', '--label-field', 'fine_label', '--validation-share', '0.1', '--validation-seed', '7'],
      ['--kind', 'imagenet', '--orientation', 'as-stored', '--unreadable', 'skip'],
      ['--kind', 'cifar100', '--labels', 'coarse'],
    ];
    const specs = await Promise.all(given.map((words) => of(...words)));
    expect(specs).toMatchObject([
      { kind: 'manifest', path: 'data', manifest: 'a.csv', columns: { file: 'f', label: 'l', split: 's' } },
      { train: ['a-{0..9}.tar', 'b.tar'], validation: ['v.tar'], labelField: 'label' },
      { labelField: 'fine_label', split: { validation: 0.1, seed: 7 } },
      { orientation: 'as-stored', unreadable: 'skip' },
      { labels: 'coarse' },
    ]);
    const reached = new Set(specs.flatMap((spec) => Object.keys(spec)));
    expect([...fields].filter((field) => !reached.has(field) && !OF_RUNS.has(field))).toEqual([]);
    expect(givenDatasetFlags(flagsOf('--labels', 'fine'))).toEqual(['--labels']);
  });

  it('are refused by name where they mean nothing', async () => {
    const error: unknown = await of(
      '--kind',
      'image-folder',
      '--labels',
      'fine',
      '--label-column',
      'x',
      '--validation-seed',
      '3',
    ).catch((reason: unknown) => reason);
    if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
    expect(error.faults.map(({ path, message }) => `${path}: ${message}`).toSorted()).toEqual([
      '--file-column, --label-column, --split-column: means nothing for the kind image-folder',
      '--labels: means nothing for the kind image-folder',
      expect.stringMatching(/^--validation-share: /),
    ]);
  });
});
