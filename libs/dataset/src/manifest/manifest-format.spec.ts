import { describe, expect, it } from '@jest/globals';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetSchema, RefusedInputError, type DatasetSpec } from '#contracts';
import { openDataset } from '../open-dataset.js';
import { readerConformance } from '../testing/reader-conformance.js';
import { SOUND_FILES, testFolder, testImage, writeSoundDataset, type TestFolder } from '../testing/test-folder.js';

const ROWS = SOUND_FILES.map((file) => [file, file.split('/')[1] ?? '', file.split('/')[0] ?? '']);

const specOf = ({ path }: TestFolder, fields: object = {}): DatasetSpec =>
  datasetSchema.parse({ kind: 'manifest', path, ...fields });

async function folderWith(name: string, table: string | Uint8Array): Promise<TestFolder> {
  const folder = await testFolder();
  await writeSoundDataset(folder);
  await folder.write(name, table);
  return folder;
}

async function faultsOf(spec: DatasetSpec): Promise<readonly string[]> {
  const error: unknown = await openDataset(spec).catch((reason: unknown) => reason);
  if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
  return error.faults.map(({ path, message }) => `${path}: ${message}`);
}

const csv = (rows: readonly (readonly string[])[], sign = ',', end = '\n'): string =>
  rows.map((row) => row.join(sign) + end).join('');

readerConformance('manifest', async () => {
  const folder = await folderWith('labels.csv', csv([['file', 'label', 'split'], ...ROWS]));
  const { train } = await openDataset(specOf(folder));
  const expected = await Promise.all(
    [0, 30, 60, 90].map(async (shade, at) => ({ label: at >> 1, bytes: await testImage('jpeg', shade) })),
  );
  return { folder, reader: train, expected, damage: () => rm(folder.path, { recursive: true }) };
});

describe('a manifest', () => {
  it('means the same however its table is written, and the same as the folder', async () => {
    const header = ['file', 'label', 'split'];
    const quoted = ROWS.map((row) => row.map((field) => `"${field}"`));
    const utf16 = Buffer.from(`\ufeff${csv([header, ...ROWS], '\t')}`, 'utf16le');
    const tables: readonly (readonly [string, string | Uint8Array])[] = [
      ['a.csv', csv([header, ...ROWS])],
      ['a.csv', `\ufeff${csv([header, ...quoted], ';', '\r\n')}\r\n\r\n`],
      ['a.csv', `sep=;\r\n${csv([header, ...ROWS], ';', '\r\n')}`],
      ['a.csv', csv([header, ...ROWS.map((row) => row.map((field) => ` ${field} `))]).trimEnd()],
      ['a.tsv', utf16],
      ['a.jsonl', ROWS.map(([file, label, split]) => `${JSON.stringify({ label, file, split })}\n`).join('')],
    ];
    await using same = await testFolder();
    await writeSoundDataset(same);
    const { digest } = await openDataset(datasetSchema.parse({ kind: 'image-folder', path: same.path }));
    for (const [name, table] of tables) {
      await using folder = await folderWith(name, table);
      expect((await openDataset(specOf(folder))).digest).toBe(digest);
    }
  });

  it('takes names with commas, quotes and line breaks, and columns of any name', async () => {
    await using folder = await folderWith('t.csv', '');
    await rename(join(folder.path, 'train/cat/1.jpg'), join(folder.path, 'train/cat/a, "b".jpg'));
    const rows = [
      ['id', 'breed', 'fold'],
      ['"train/cat/a, ""b"".jpg"', '"a\nb"', 'training'],
      ['train/dog/1.jpg', '3', 'TRAIN'],
      ['val/cat/1.jpg', '3', 'valid'],
      ['gone.jpg', '3', 'test'],
    ];
    await folder.write('t.csv', csv(rows));
    const columns = { file: 'id', label: 'breed', split: 'fold' };
    const { train, validation, classes } = await openDataset(specOf(folder, { columns }));
    expect([train.describe(0), train.length, validation.length, classes]).toEqual([
      'train/cat/a, "b".jpg',
      2,
      1,
      ['3', 'a\nb'],
    ]);
    expect(await faultsOf(specOf(folder))).toEqual([
      expect.stringMatching(
        /^t\.csv: has no column file or file_name; its first line names id, breed, fold: dataset\.columns\.file/,
      ),
      expect.stringMatching(/^t\.csv: has no column label/),
      expect.stringContaining('no readable image for training'),
    ]);
  });

  it('is divided where it has no splits', async () => {
    await using folder = await folderWith(
      'meta/labels.jsonl',
      ROWS.map(([file = '', label]) => `${JSON.stringify({ file_name: `../${file}`, label })}\n`).join(''),
    );
    const fields = { manifest: 'meta/labels.jsonl' };
    expect(await faultsOf(specOf(folder, fields))).toEqual([expect.stringMatching(/for validation.*dataset\.split/)]);
    const { train, validation } = await openDataset(specOf(folder, { ...fields, split: { validation: 0.3 } }));
    expect([train.length, validation.length]).toEqual([4, 2]);
  });

  it('names every line that is wrong, and every file', async () => {
    await using folder = await folderWith(
      't.csv',
      csv([
        ['file', 'label', 'split'],
        ...ROWS,
        ['train/cat/1.jpg', 'cat', 'train'],
        ['train/cat/3.jpg', 'cat', 'train'],
        ['/etc/x.jpg', 'cat', 'train'],
        ['../x.jpg', 'cat', 'train'],
        ['train/dog/9.jpg', '', 'train'],
        ['train/dog/8.jpg', 'dog', 'holdout'],
        ['train/dog/7.jpg', 'dog'],
        ['https://example.org/a.jpg?key=1', 'dog', 'train'],
      ]),
    );
    expect(await faultsOf(specOf(folder))).toEqual([
      't.csv, line 8: names train/cat/1.jpg again, after line 2',
      't.csv, line 10: /etc/x.jpg is absolute; paths are relative to the table',
      expect.stringMatching(/^t\.csv, line 11: \.\.\/x\.jpg lies outside/),
      't.csv, line 12: has no label',
      "t.csv, line 13: is of the split 'holdout'; expected train, val or test",
      't.csv, line 14: has 2 fields, the header has 3',
      expect.stringMatching(/^t\.csv, line 15: .* has a query/),
      'train/cat/3.jpg: there is no such file',
      expect.stringMatching(/^: 1 unreadable files in all/),
    ]);
  });

  it('says what is wrong with the table itself', async () => {
    const message = async (table: string | Uint8Array): Promise<string | undefined> => {
      await using folder = await folderWith('t.csv', table);
      return (await faultsOf(specOf(folder)))[0];
    };
    expect(await message('')).toBe('t.csv: is empty');
    expect(await message('file,label\n"open,a\n')).toMatch(/^t\.csv: cannot be read as CSV: .*quote/i);
    expect(await message(Buffer.from('file,label\n\xe9.jpg,a\n', 'latin1'))).toBe(
      't.csv: is not UTF-8; save it as CSV UTF-8',
    );
    await using folder = await folderWith('a.csv', 'file,label\n');
    expect((await faultsOf(specOf(folder, { manifest: 'b.csv' })))[0]).toBe('b.csv: there is no such file');
    await folder.write('b.csv', 'file,label\n');
    expect((await faultsOf(specOf(folder)))[0]).toMatch(
      /several tables: a\.csv, b\.csv; dataset\.manifest names the one/,
    );
  });
});
