import { describe, expect, it } from '@jest/globals';
import { cachedBytes } from '#stores';
import { SampleIndexBuilder, type SampleIndex } from './sample-index.js';
import { fetchedFilesOf } from './split-files.js';

/** Of samples as `[file, part]`; files are of 1,000 bytes. */
function indexOf(samples: readonly (readonly [string, number])[]): SampleIndex {
  const builder = new SampleIndexBuilder();
  const files = new Map<string, number>();
  for (const [path, part] of samples) {
    const key = `${path} ${part}`;
    const file =
      files.get(key) ?? builder.addFile(path, { sizeBytes: 1_000, version: 'v', part, partBytes: 100 * (part + 1) });
    files.set(key, file);
    builder.add({ file, offset: 1, length: 10, label: 0 });
  }
  return builder.build();
}

const filesOf = (train: SampleIndex, validation: SampleIndex): unknown =>
  Array.from(fetchedFilesOf({ train: { index: train }, validation: { index: validation } }), (file) => [
    file.path,
    file.part,
    cachedBytes(file),
  ]);

describe('the files of a data set that are fetched', () => {
  it('are each named once, also where both splits have samples in one', () => {
    const train = indexOf([
      ['0.tar', -1],
      ['1.tar', -1],
      ['0.tar', -1],
    ]);
    const validation = indexOf([
      ['1.tar', -1],
      ['2.tar', -1],
    ]);
    expect(filesOf(train, validation)).toEqual(['0.tar', '1.tar', '2.tar'].map((path) => [path, undefined, 1_000]));
  });

  it('are parts as large as they are unpacked', () => {
    const train = indexOf([
      ['a.parquet', 0],
      ['a.parquet', 1],
      ['a.parquet', 0],
    ]);
    expect(filesOf(train, indexOf([['a.parquet', 1]]))).toEqual([
      ['a.parquet', 0, 100],
      ['a.parquet', 1, 200],
    ]);
  });
});
