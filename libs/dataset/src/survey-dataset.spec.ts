import { describe, expect, it } from '@jest/globals';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { datasetSchema, type DatasetKind, type DatasetSpec } from '#contracts';
import { KeptDatasets } from './kept/kept-datasets.js';
import { writeCifar10 } from './testing/test-cifar.js';
import { writeImageNetTars, writeKaggle } from './testing/test-imagenet.js';
import { surveyDataset } from './survey-dataset.js';
import { testFolder, testImage, writeSoundDataset, type TestFolder } from './testing/test-folder.js';
import { testSample, writeShards } from './testing/test-shards.js';
import { testTar } from './testing/test-tar.js';

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

  const others = async (kind: DatasetKind, { path }: TestFolder): Promise<readonly string[]> => {
    const survey = await surveyDataset(datasetSchema.parse({ kind, path }));
    expect(survey.faults).toEqual([]);
    return survey.others.map(({ extension, kind: what, count }) => `${count} ${extension} (${what})`).toSorted();
  };

  it('tells what shards, tables and tars have besides', async () => {
    await using shards = await testFolder();
    await writeShards(shards);
    const [image, label] = await testSample('b', 0, 1);
    if (image === undefined || label === undefined) throw new Error('expected two members');
    await shards.write(
      'train-02.tar',
      testTar([image, label, { path: 'b.txt', bytes: 'a cat' }, { path: 'lonely.cls', bytes: '0' }]),
    );
    await shards.write('test-00.tar', testTar([image, label]));
    await shards.write('README.md', '#');
    expect(await others('webdataset', shards)).toEqual([
      '1 .cls (a label without an image)',
      '1 .md (beside the shards)',
      '1 .tar (for a test by its name)',
      '1 .txt (text)',
    ]);
    await using table = await testFolder();
    await writeSoundDataset(table);
    const rows = ['train/cat/1.jpg,cat,train', 'train/dog/1.jpg,dog,train', 'val/cat/1.jpg,cat,val', 'x.png,dog,test'];
    await table.write('labels.csv', `file,label,split\n${rows.join('\n')}\n`);
    expect(await others('manifest', table)).toEqual(['1 .png (for a test by the table)']);
  });

  it('tells what ImageNet and CIFAR have besides, in every layout', async () => {
    await using kaggle = await testFolder();
    await writeKaggle(kaggle);
    const [train, val] = ['train', 'val'].map((split) => `ILSVRC/Data/CLS-LOC/${split}`);
    await kaggle.write(`${train}/n01440764/notes.txt`, 'words');
    await kaggle.write(
      `${train}/n01440764/photo.webp`,
      await sharp(await testImage('jpeg'))
        .webp()
        .toBuffer(),
    );
    await kaggle.write(`${train}/n01440764/more/n01440764_3.JPEG`, await testImage('jpeg'));
    await kaggle.write(`${train}/n01443537/.DS_Store`, 'hidden');
    await kaggle.write(`${val}/boxes.zip`, Buffer.from('PK\x03\x04'));
    await kaggle.write('notes.md', '#');
    expect(await others('imagenet', kaggle)).toEqual([
      '1  (folder in that of a synset)',
      '1 .* (hidden)',
      '1 .md (beside the data)',
      '1 .txt (text)',
      '1 .webp (webp)',
      expect.stringMatching(/^1 \.zip \(/),
    ]);
    const { path } = kaggle;
    await using kept = await testFolder();
    const surveys = new KeptDatasets({ folder: kept.path });
    const spec = datasetSchema.parse({ kind: 'imagenet', path });
    const first = await surveys.inspect(spec);
    expect((await surveys.inspect(spec)).content.others).toEqual(first.content.others);
    await using tars = await testFolder();
    await writeImageNetTars(tars);
    await tars.write('photos.rar', 'Rar!');
    expect(await others('imagenet', tars)).toEqual(['1 .rar (beside the data)']);
    await using cifar = await testFolder();
    await writeCifar10(cifar);
    await cifar.write('cat.png', 'x');
    expect(await others('cifar10', cifar)).toEqual(['1 .png (beside the data)']);
  });
});
