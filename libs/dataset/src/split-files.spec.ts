import { describe, expect, it } from '@jest/globals';
import { SampleIndexBuilder, type SampleIndex } from './sample-index.js';
import { fetchedFilesOf } from './split-files.js';

/** Of samples as `[file, part, length]`; files are of 1,000 bytes. */
function indexOf(samples: readonly (readonly [string, number, number])[]): SampleIndex {
  const builder = new SampleIndexBuilder();
  const files = new Map<string, number>();
  for (const [path, part, length] of samples) {
    const key = `${path} ${part}`;
    const file = files.get(key) ?? builder.addFile(path, { sizeBytes: 1_000, version: 'v', part });
    files.set(key, file);
    builder.add({ file, offset: 1, length, label: 0 });
  }
  return builder.build();
}

const filesOf = (train: SampleIndex, validation: SampleIndex): unknown =>
  Array.from(
    fetchedFilesOf({ train: { index: train }, validation: { index: validation } }),
    ({ file: { path, part }, cachedBytes }) => [path, part, cachedBytes],
  );

describe('the files of a data set that are fetched', () => {
  it('are each named once, also where both splits have samples in one', () => {
    const train = indexOf([
      ['0.tar', -1, 10],
      ['1.tar', -1, 10],
      ['0.tar', -1, 10],
    ]);
    const validation = indexOf([
      ['1.tar', -1, 10],
      ['2.tar', -1, 10],
    ]);
    expect(filesOf(train, validation)).toEqual(['0.tar', '1.tar', '2.tar'].map((path) => [path, undefined, 1_000]));
  });

  it('are parts as large as their samples where they are read unpacked', () => {
    const train = indexOf([
      ['a.parquet', 0, 10],
      ['a.parquet', 1, 20],
      ['a.parquet', 0, 30],
    ]);
    expect(filesOf(train, indexOf([['a.parquet', 1, 5]]))).toEqual([
      ['a.parquet', 0, 40],
      ['a.parquet', 1, 25],
    ]);
  });
});
