import { describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomStream, RefusedInputError } from '#contracts';
import { inspectDataset } from '../inspect-dataset.js';
import { testFolder } from '../testing/test-folder.js';
import { drawShape } from './draw-shape.js';
import { makeShapesDataset } from './make-shapes-dataset.js';

const OPTIONS = { numTrain: 30, numVal: 20, imageSize: 24 };

describe('makeShapesDataset', () => {
  it('makes a data set of ten classes that the reader takes, the same one each time', async () => {
    await using first = await testFolder();
    await using second = await testFolder();
    const { classes, numWritten } = await makeShapesDataset(first.path, OPTIONS);
    await makeShapesDataset(second.path, OPTIONS);
    expect(numWritten).toBe(50);
    const inspection = await inspectDataset({
      kind: 'image-folder',
      path: first.path,
      unreadable: 'refuse',
      orientation: 'upright',
    });
    expect(inspection).toMatchObject({ numTrainSamples: 30, numValidationSamples: 20, classes, skipped: [] });
    expect(
      (await inspectDataset({ kind: 'image-folder', path: second.path, unreadable: 'refuse', orientation: 'upright' }))
        .digest,
    ).toBe(inspection.digest);
  });

  it('leaves a complete data set alone and finishes an incomplete one', async () => {
    await using folder = await testFolder();
    const enough = new AbortController();
    const begun = makeShapesDataset(folder.path, {
      ...OPTIONS,
      numTrain: 300,
      onProgress: () => enough.abort(new Error('enough')),
      signal: enough.signal,
    });
    await expect(begun).rejects.toThrow('enough');
    const { numWritten } = await makeShapesDataset(folder.path, { ...OPTIONS, numTrain: 300 });
    expect(numWritten).toBeGreaterThan(0);
    expect(numWritten).toBeLessThan(320);
    expect(await makeShapesDataset(folder.path, { ...OPTIONS, numTrain: 300 })).toMatchObject({ numWritten: 0 });
    expect(
      await inspectDataset({ kind: 'image-folder', path: folder.path, unreadable: 'refuse', orientation: 'upright' }),
    ).toMatchObject({
      numTrainSamples: 300,
      numValidationSamples: 20,
    });
  });

  it('refuses a folder of other data or other options', async () => {
    await using folder = await testFolder();
    await makeShapesDataset(folder.path, OPTIONS);
    await expect(makeShapesDataset(folder.path, { ...OPTIONS, seed: 9 })).rejects.toThrow(RefusedInputError);
    await rm(join(folder.path, '.shapes.json'));
    await expect(makeShapesDataset(folder.path, OPTIONS)).rejects.toThrow(/not made here/);
  });

  it('names every bad option at once', async () => {
    await using folder = await testFolder();
    const refused: unknown = await makeShapesDataset(folder.path, {
      numTrain: 5,
      numVal: 1.5,
      imageSize: 4,
      seed: -1,
    }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedInputError);
    expect((refused as RefusedInputError).faults.map(({ path }) => path)).toEqual([
      'numTrain',
      'numVal',
      'imageSize',
      'seed',
    ]);
  });
});

describe('drawShape', () => {
  it('draws a light figure on a dark ground for every class', () => {
    for (let label = 0; label < 10; label += 1) {
      const pixels = drawShape(label, 40, randomStream(label));
      expect(pixels).toHaveLength(40 * 40 * 3);
      const means = Array.from(
        { length: 1600 },
        (_, at) => ((pixels[at * 3] ?? 0) + (pixels[at * 3 + 1] ?? 0) + (pixels[at * 3 + 2] ?? 0)) / 3,
      );
      const numLight = means.filter((mean) => mean > 128).length;
      expect(numLight).toBeGreaterThan(30);
      expect(numLight).toBeLessThan(1000);
    }
    expect(() => drawShape(10, 40, randomStream(1))).toThrow(RangeError);
  });
});
