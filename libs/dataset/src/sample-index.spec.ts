import { describe, expect, it } from '@jest/globals';
import { filePath, SampleIndexBuilder } from './sample-index.js';

describe('SampleIndexBuilder', () => {
  it('keeps every column through growth', () => {
    const builder = new SampleIndexBuilder();
    const pathOf = (sample: number): string =>
      `train/größe-${sample % 10}/image-${'x'.repeat(sample % 50)}${sample}.jpg`;
    for (let sample = 0; sample < 5000; sample += 1) builder.add(pathOf(sample), sample * 3, sample % 10);
    const index = builder.build();
    expect(index.numSamples).toBe(5000);
    for (const sample of [0, 1, 1023, 1024, 2048, 4999]) {
      expect(filePath(index, sample)).toBe(pathOf(sample));
      expect(index.lengths[sample]).toBe(sample * 3);
      expect(index.labels[sample]).toBe(sample % 10);
    }
  });

  it('costs 12 bytes and the path a sample, in shared memory', () => {
    const builder = new SampleIndexBuilder();
    for (let sample = 0; sample < 3000; sample += 1) builder.add('train/a/b.jpg', 1, 0);
    const { lengths, labels, pathEnds, pathBytes } = builder.build();
    const columns = [lengths, labels, pathEnds, pathBytes];
    expect(columns.reduce((sum, column) => sum + column.buffer.byteLength, 0)).toBe(3000 * (12 + 13));
    for (const column of columns)
      expect(Object.prototype.toString.call(column.buffer)).toBe('[object SharedArrayBuffer]');
  });
});
