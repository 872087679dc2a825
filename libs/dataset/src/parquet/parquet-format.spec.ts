import { afterEach, describe, expect, it } from '@jest/globals';
import { copyFile, mkdir, readFile, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { datasetSchema, RefusedInputError, type DatasetSpec } from '#contracts';
import { cachedBytes, openStore, type StoreSettings } from '#stores';
import type { ScanOptions, SurveyNotes } from '../dataset.js';
import { IndexedReader } from '../indexed-reader.js';
import { decodeIndex, encodeIndex, indexOfScan } from '../kept/dataset-index.js';
import { FolderNotes } from '../kept/folder-notes.js';
import { openDataset } from '../open-dataset.js';
import { sourceOf } from '../dataset-formats.js';
import type { SampleIndex } from '../sample-index.js';
import { surveyAnew } from '../survey-anew.js';
import { surveyDataset } from '../survey-dataset.js';
import { readerConformance } from '../testing/reader-conformance.js';
import { testFolder, type TestFolder } from '../testing/test-folder.js';
import { withStoredBytes } from '../scan/stored-bytes.js';
import { ParquetFile } from './parquet-file.js';

/** Written by pyarrow: `make-parquet.py` beside them. */
const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/parquet', import.meta.url));
const TRAIN = ['train-00000-of-00002.parquet', 'train-00001-of-00002.parquet'];
const VALIDATION = 'validation-00000-of-00001.parquet';

const folders: TestFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder[Symbol.asyncDispose]();
});

/** A folder with these fixtures by their new names, and settings with a cache of its own. */
async function folderOf(
  files: Readonly<Record<string, string>>,
): Promise<{ folder: TestFolder; options: ScanOptions }> {
  const [folder, cache] = [await testFolder(), await testFolder()];
  folders.push(folder, cache);
  for (const [name, fixture] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await copyFile(join(FIXTURES, fixture), join(folder.path, name));
  }
  const { settings } = sourceOf('/');
  const stores: StoreSettings = { ...settings, cache: { folder: cache.path, maxBytes: 2 ** 30 } };
  return { folder, options: { stores } };
}

const HUB = Object.fromEntries([...TRAIN, VALIDATION].map((name) => [`data/${name}`, name]));

const specOf = ({ path }: TestFolder, fields: object = {}): DatasetSpec =>
  datasetSchema.parse({ kind: 'parquet', path, ...fields });

async function faultsOf(spec: DatasetSpec, options: ScanOptions): Promise<readonly string[]> {
  const error: unknown = await openDataset(spec, options).catch((reason: unknown) => reason);
  if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
  return error.faults.map(({ path, message }) => `${path}: ${message}`);
}

/** The images of a fixture, read past the index. */
async function imagesOf(name: string): Promise<readonly Uint8Array[]> {
  const store = openStore(sourceOf(FIXTURES));
  return await withStoredBytes({ store, path: name, signal: undefined }, async (source) => {
    const file = await ParquetFile.open(source);
    const rows = await Promise.all(file.groups.map((_, group) => file.read(group)));
    return rows.flat().flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
  });
}

readerConformance('parquet', async () => {
  const { folder, options } = await folderOf(HUB);
  const { train } = await openDataset(specOf(folder), options);
  const images = (await Promise.all(TRAIN.map(imagesOf))).flat();
  const expected = [0, 1, 1, 0, 1].map((label, at) => ({ label, bytes: images[at] ?? new Uint8Array() }));
  const damagedFile = `data/${TRAIN[0] ?? ''}`;
  return { folder, reader: train, expected, damage: () => truncate(join(folder.path, damagedFile), 600), damagedFile };
});

describe('parquet', () => {
  it('has the Hub’s classes and splits, and reads row groups of several rows', async () => {
    const { folder, options } = await folderOf(HUB);
    const { classes, train, validation, digest } = await openDataset(specOf(folder), options);
    expect([classes, train.length, validation.label(0)]).toEqual([['cat', 'dog'], 5, 1]);
    expect([0, 1, 2].map((sample) => train.describe(sample))).toEqual([
      'data/train-00000-of-00002.parquet, part 0, byte 0',
      expect.stringMatching(/part 0, byte [1-9]/),
      'data/train-00000-of-00002.parquet, part 1, byte 0',
    ]);
    const named = { train: 'data/train-{00000..00001}-of-00002.parquet', validation: `data/${VALIDATION}` };
    expect((await openDataset(specOf(folder, named), options)).digest).toBe(digest);
  });

  it('takes bare bytes, words as labels and other compressions, and names rows that cannot be read', async () => {
    const { folder, options } = await folderOf({ 'train.parquet': 'odd.parquet' });
    const spec = specOf(folder, { labelField: 'breed', unreadable: 'skip', split: { validation: 0.5 } });
    const survey = await surveyDataset(spec, options);
    expect(survey.broken.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'train.parquet, row 1: has no bytes of an image',
      'train.parquet, row 2: has no label',
      expect.stringMatching(/^train\.parquet, row 3: cut short/),
    ]);
    expect(survey.classes.map(({ name, numTrain }) => [name, numTrain])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    // Rows that are left out lie in the unpacked bytes as well.
    const named = { ...spec, split: undefined, train: 'train.parquet', validation: 'copy.parquet' };
    await copyFile(join(FIXTURES, 'odd.parquet'), join(folder.path, 'copy.parquet'));
    const { train } = await openDataset(datasetSchema.parse(named), options);
    const images = await imagesOf('odd.parquet');
    expect(Buffer.compare(await train.read(1), images[3] ?? new Uint8Array())).toBe(0);
  });

  it('is read by way of a cache that has room for a row group, not for a file', async () => {
    const { folder, options } = await folderOf(HUB);
    const { train } = await openDataset(specOf(folder), options);
    const files = train.filesOf(Uint32Array.of(0, 1, 2, 3, 4));
    expect(files.length).toBeGreaterThan(2);
    const images = (await Promise.all(TRAIN.map(imagesOf))).flat();
    expect(files.reduce((sum, file) => sum + cachedBytes(file), 0)).toBe(
      images.reduce((sum, { length }) => sum + length, 0),
    );
    const { settings } = sourceOf('/');
    const maxBytes = Math.max(...files.map(cachedBytes));
    expect(maxBytes).toBeLessThan(Math.max(...files.map(({ sizeBytes }) => sizeBytes)));
    const source = { ...train.snapshot.source, settings: { ...settings, cache: { folder: folder.path, maxBytes } } };
    const reader = new IndexedReader({ ...train.snapshot, source });
    for (const [sample, image] of images.entries()) expect(Buffer.compare(await reader.read(sample), image)).toBe(0);
    await reader.close();
  });

  it('is surveyed again where an earlier index or note does not say how large row groups are', async () => {
    const { folder, options } = await folderOf(HUB);
    const spec = specOf(folder);
    const kept = await testFolder();
    folders.push(kept);
    const notes = new FolderNotes(kept.path, Infinity);
    const { scan } = await surveyAnew(spec, { ...options, notes });
    const index = indexOfScan(spec.kind, scan);
    if (index === null) throw new Error('the scan gave no index');
    const decoded = (train: SampleIndex): unknown => {
      const bytes = encodeIndex({ ...index, train });
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return decodeIndex(shared);
    };
    const { partBytes } = index.train;
    expect(decoded(index.train)).toMatchObject({ train: { partBytes } });
    expect(decoded({ ...index.train, partBytes: null })).toBeNull();
    const earlier: SurveyNotes = {
      settledBefore: Infinity,
      read: async (unit) => JSON.parse(JSON.stringify(await notes.read(unit)).replaceAll(/,"partBytes":\d+/g, '')),
      write: (unit, note) => notes.write(unit, note),
    };
    const again = await surveyAnew(spec, { ...options, notes: earlier });
    expect(again.scan.train?.snapshot.index.partBytes).toEqual(partBytes);
  });

  it('says what is wrong with files', async () => {
    const { folder, options } = await folderOf({ ...HUB, 'data/train-x.parquet': 'no-image.parquet' });
    expect(await faultsOf(specOf(folder), options)).toEqual([
      'data/train-x.parquet: has no column of image files; it has text, label',
    ]);
    const named = { train: `data/${TRAIN[0] ?? ''}`, validation: `data/${VALIDATION}` };
    expect((await faultsOf(specOf(folder, { ...named, labelField: 'breed' }), options))[0]).toMatch(
      /has no column breed; it has img, label: dataset\.labelField names another/,
    );
    const whole = await readFile(join(FIXTURES, TRAIN[0] ?? ''));
    await folder.write(named.train, whole.subarray(0, -20));
    expect((await faultsOf(specOf(folder, named), options))[0]).toMatch(/its end cannot be read: it is cut short/);
    await folder.write(named.train, Buffer.from(whole).fill(0xff, 8, 700));
    expect((await faultsOf(specOf(folder, named), options))[0]).toMatch(/row group 0 cannot be read: it is damaged/);
    await folder.write(named.train, 'no parquet at all');
    expect((await faultsOf(specOf(folder, named), options))[0]).toMatch(/: is no parquet file/);
  });
});
