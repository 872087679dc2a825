import { describe, expect, it } from '@jest/globals';
import { HAS_PROFILE, SampleIndexBuilder } from './sample-index.js';
import { stringAt } from './string-column.js';

const facts = { orientation: 6, hasProfile: true, width: 70_000, height: 300 };

describe('SampleIndexBuilder', () => {
  it('keeps every column through growth', () => {
    const builder = new SampleIndexBuilder();
    const pathOf = (sample: number): string =>
      `train/größe-${sample % 10}/image-${'x'.repeat(sample % 50)}${sample}.jpg`;
    for (let sample = 0; sample < 5000; sample += 1) {
      const file = builder.addFile(pathOf(sample), { sizeBytes: sample * 3 });
      builder.add({ file, length: sample * 3, label: sample % 10, image: facts });
    }
    const index = builder.build();
    expect(index).toMatchObject({
      numSamples: 5000,
      files: null,
      offsets: null,
      fileSizes: null,
      versions: null,
      parts: null,
    });
    for (const sample of [0, 1, 1023, 1024, 2048, 4999]) {
      expect(stringAt(index.paths, sample)).toBe(pathOf(sample));
      expect(index.lengths[sample]).toBe(sample * 3);
      expect(index.labels[sample]).toBe(sample % 10);
      expect(index.flags[sample]).toBe(6 | HAS_PROFILE);
      expect([index.widths[sample], index.heights[sample]]).toEqual([0, 300]);
    }
  });

  it('knows samples that are parts of files, with the versions of the files', () => {
    const builder = new SampleIndexBuilder();
    const first = builder.addFile('a.tar', { sizeBytes: 9_000_000_000, version: '"e1"' });
    builder.add({ file: first, offset: 512, length: 100, label: 1 });
    builder.add({ file: first, offset: 8_000_000_000, length: 50, label: 0 });
    const second = builder.addFile('b.tar', { sizeBytes: 70, version: '"e2"' });
    builder.add({ file: second, length: 70, label: 0 });
    const { files, offsets, fileSizes, versions, numSamples } = builder.build();
    expect(numSamples).toBe(3);
    expect([...(files ?? [])]).toEqual([0, 0, 1]);
    expect([...(offsets ?? [])]).toEqual([512, 8_000_000_000, 0]);
    expect([...(fileSizes ?? [])]).toEqual([9_000_000_000, 70]);
    expect(versions && [stringAt(versions, 0), stringAt(versions, 1)]).toEqual(['"e1"', '"e2"']);
  });

  it('takes a file that no sample lies in, or one that holds more than the sample, for a file of slices', () => {
    const spare = new SampleIndexBuilder();
    spare.add({ file: spare.addFile('a', { sizeBytes: 5 }), length: 5, label: 0 });
    spare.addFile('b', { sizeBytes: 5 });
    expect([...(spare.build().files ?? [])]).toEqual([0]);
    const longer = new SampleIndexBuilder();
    longer.add({ file: longer.addFile('a', { sizeBytes: 6 }), length: 5, label: 0 });
    expect([...(longer.build().offsets ?? [])]).toEqual([0]);
  });

  it('costs 17 bytes and the path a sample, in shared memory', () => {
    const builder = new SampleIndexBuilder();
    for (let sample = 0; sample < 3000; sample += 1) {
      builder.add({ file: builder.addFile('train/a/b.jpg', { sizeBytes: 1 }), length: 1, label: 0 });
    }
    const { lengths, labels, flags, widths, heights, paths } = builder.build();
    const columns = [lengths, labels, flags, widths, heights, paths.ends, paths.bytes];
    expect(columns.reduce((sum, column) => sum + column.buffer.byteLength, 0)).toBe(3000 * (17 + 13));
    for (const column of columns)
      expect(Object.prototype.toString.call(column.buffer)).toBe('[object SharedArrayBuffer]');
  });
});
