import { describe, expect, it } from '@jest/globals';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { DatasetSpec } from '#contracts';
import { writeCifar10, writeCifar100 } from './testing/test-cifar.js';
import { detectDatasetKind, surveyDataset } from './survey-dataset.js';
import { testFolder, testImage, writeSoundDataset } from './testing/test-folder.js';

const imageFolder = (path: string): DatasetSpec => ({
  kind: 'image-folder',
  path,
  unreadable: 'skip',
  orientation: 'upright',
});

describe('surveyDataset', () => {
  it('counts classes, sizes and formats of an image folder and names broken files', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await folder.write('train/cat/3.png', await testImage('png', 9, 40, 30));
    const image = sharp(await testImage('jpeg', 9, 20, 50));
    await folder.write('train/dog/gray.jpg', await image.clone().toColourspace('b-w').jpeg().toBuffer());
    await folder.write('train/dog/cmyk.jpg', await image.clone().toColourspace('cmyk').jpeg().toBuffer());
    await folder.write('val/dog/cut.jpg', (await testImage('jpeg')).subarray(0, -5));
    const survey = await surveyDataset(imageFolder(folder.path));
    expect(survey).toMatchObject({
      kind: 'image-folder',
      classes: [
        { name: 'cat', readableName: 'cat', numTrain: 3, numValidation: 1 },
        { name: 'dog', readableName: 'dog', numTrain: 4, numValidation: 1 },
      ],
      numTrainSamples: 7,
      numValidationSamples: 2,
      width: { min: 12, median: 12, max: 40 },
      height: { min: 8, median: 8, max: 50 },
      formats: { jpeg: 6, png: 1, 'jpeg gray': 1, 'jpeg cmyk': 1 },
      numTurned: 0,
      faults: [],
      broken: [{ path: 'val/dog/cut.jpg', message: expect.stringContaining('cut short') }],
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('reads what ImageNet’s synsets are called from either list', async () => {
    for (const file of ['synset_words.txt', 'LOC_synset_mapping.txt']) {
      await using folder = await testFolder();
      await writeSoundDataset(folder);
      await folder.write(file, 'n01440764 tench, Tinca tinca\r\ndog domestic dog, Canis familiaris\n\ndamaged\n');
      const { classes } = await surveyDataset(imageFolder(folder.path));
      expect(classes.map(({ readableName }) => readableName)).toEqual(['cat', 'domestic dog, Canis familiaris']);
    }
  });

  it('tells two classes apart that are called the same', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await folder.write('synset_words.txt', 'cat crane\ndog crane\n');
    const { classes } = await surveyDataset(imageFolder(folder.path));
    expect(classes.map(({ readableName }) => readableName)).toEqual(['crane (cat)', 'crane (dog)']);
  });

  it('reports faults beside what there is', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await mkdir(join(folder.path, 'train/eel'));
    await folder.write('val/eel/broken.jpg', 'no image');
    const survey = await surveyDataset(imageFolder(folder.path));
    expect(survey).toMatchObject({ numTrainSamples: 4, digest: null });
    expect(survey.faults.map(({ path }) => path)).toEqual(['train/eel', 'val/eel']);
    expect(survey.broken.map(({ path }) => path)).toEqual(['val/eel/broken.jpg']);
  });

  it('tells that validation images lie in no class folder, as ImageNet’s do when unpacked', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await rm(join(folder.path, 'val'), { recursive: true });
    await folder.write('val/ILSVRC2012_val_00000001.JPEG', await testImage('jpeg'));
    const { faults, numTrainSamples, digest } = await surveyDataset(imageFolder(folder.path));
    expect(faults).toEqual([{ path: 'val/', message: expect.stringContaining('its 1 files lie in no class folder') }]);
    expect({ numTrainSamples, digest }).toEqual({ numTrainSamples: 4, digest: null });
  });

  it('names broken files beside folders that are missing', async () => {
    await using folder = await testFolder();
    await writeSoundDataset(folder);
    await rm(join(folder.path, 'val/dog'), { recursive: true });
    await folder.write('val/eel/1.jpg', await testImage('jpeg'));
    await folder.write('train/dog/broken.jpg', 'no image');
    const survey = await surveyDataset(imageFolder(folder.path));
    expect(survey.faults.map(({ message }) => message.split(': ')[1])).toEqual(['dog', 'eel']);
    expect(survey.broken.map(({ path }) => path)).toEqual(['train/dog/broken.jpg']);
    expect(survey.classes.map(({ numTrain, numValidation }) => [numTrain, numValidation])).toEqual([
      [2, 1],
      [2, 0],
    ]);
  });

  it('counts the records of CIFAR', async () => {
    await using folder = await testFolder();
    await writeCifar10(folder);
    const survey = await surveyDataset({ kind: 'cifar10', path: folder.path });
    expect(survey).toMatchObject({
      numTrainSamples: 7,
      width: { min: 32, median: 32, max: 32 },
      formats: { 'planar rgb': 9 },
    });
    expect(survey.classes[3]).toEqual({ name: 'cat', readableName: 'cat', numTrain: 2, numValidation: 0 });
  });
});

describe('detectDatasetKind', () => {
  it('tells the kinds apart', async () => {
    await using images = await testFolder();
    await writeSoundDataset(images);
    await using ten = await testFolder();
    await writeCifar10(ten);
    await using hundred = await testFolder();
    await writeCifar100(hundred);
    expect(await detectDatasetKind(images.path)).toBe('image-folder');
    expect(await detectDatasetKind(ten.path)).toBe('cifar10');
    expect(await detectDatasetKind(hundred.path)).toBe('cifar100');
    await using table = await testFolder();
    await table.write('labels.csv', '');
    expect(await detectDatasetKind(table.path)).toBe('manifest');
    // Tables lie beside data of other kinds.
    await images.write('labels.csv', '');
    expect(await detectDatasetKind(images.path)).toBe('image-folder');
  });

  it('says what it expects where there is none, more than one, or no folder', async () => {
    await using folder = await testFolder();
    await expect(detectDatasetKind(folder.path)).rejects.toThrow(
      /no data set; expected one of[^]*cifar100: train\.bin/,
    );
    await writeSoundDataset(folder);
    await writeCifar10(folder);
    await expect(detectDatasetKind(folder.path)).rejects.toThrow(/more than one data set \(image-folder, cifar10\)/);
    await expect(detectDatasetKind(join(folder.path, 'nowhere'))).rejects.toThrow(/cannot be read as a folder/);
  });
});
