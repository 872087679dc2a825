import { createHash } from 'node:crypto';
import type { DatasetSpec, DatasetSplit } from '#contracts';
import type { DatasetFormat, DatasetScan, Fault, ScanContext, Split } from '../dataset.js';
import { IndexedReader } from '../indexed-reader.js';
import { validationOf } from '../labels/split-samples.js';
import type { SampleIndex } from '../sample-index.js';
import { stringAt } from '../string-column.js';
import { checkLayout, VALIDATION_FOLDERS } from './check-layout.js';
import { NAME_FILES, readSynsetNames } from './read-synset-names.js';
import { IMAGE_EXTENSION, scanSplit, type SplitScan } from './scan-split.js';

type ImageFolderSpec = Extract<DatasetSpec, { kind: 'image-folder' }>;

const PROGRESS_EVERY = 1000;

/** What decides on splits, classes and their names. */
const LAYOUT = ['train/', ...VALIDATION_FOLDERS.map((name) => `${name}/`), ...NAME_FILES];
/** Of so many files each is looked at before a kept index is used; that takes 0.2 s. Of more, their folders. */
const FEW_FILES = 10_000;

/** Images in class folders, as torchvision's ImageFolder and ImageNet have them. */
export const imageFolder: DatasetFormat<ImageFolderSpec> = {
  layout: 'images in train/CLASS/ and val/CLASS/; without val/ with dataset.split',
  recognises: (entries) =>
    ['train', ...VALIDATION_FOLDERS].some((name) => entries.includes(name)) || numFoldersWithImages(entries) > 1,
  scan: scanImageFolder,
};

/**
 * Scans `path/train/CLASS/**` and `path/val/CLASS/**` (images by content; nested folders; links followed;
 * hidden names ignored). Where the spec divides the training images, both splits are parts of train/, or of the class folders
 * in the location itself. Every file is checked at both ends (`inspectImage`). Classes are the sorted names of the
 * folders in train/. The digest covers classes and every sample's path, size and label.
 *
 * Cost: two short reads a file, `concurrency` files at once: some 10,000 files a second from a warm disk cache.
 * Faults: missing folders, fewer than two classes, classes of val that differ, classes without images. What is there is
 * scanned all the same, so that one look names everything.
 */
async function scanImageFolder(
  { kind, path, orientation, split: divide }: ImageFolderSpec,
  context: ScanContext,
): Promise<DatasetScan> {
  const { source, store, onProgress } = context;
  const root = source.location;
  const { folders, classes, present, faults } = await checkLayout(path, store, divide !== undefined);
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  const classNames = await readSynsetNames(root, classes);

  const scan = async (split: Split): Promise<SplitScan> => {
    let numSamples = 0;
    const report = (): void => onProgress?.({ split, numSamples });
    const onFile = (): void => {
      numSamples += 1;
      if (numSamples % PROGRESS_EVERY === 0) report();
    };
    const result = await scanSplit({
      ...context,
      split,
      folder: folders[split],
      choose: divide === undefined ? null : (names) => chosenOf(names, { split, divide }),
      isSecondLook: divide !== undefined && split === 'val',
      classes,
      present: present[split],
      orientation,
      hash,
      onFile,
    });
    report();
    return result;
  };
  // One after the other: the digest takes samples in order.
  const train = await scan('train');
  const validation = await scan('val');
  const readerOf = (index: SampleIndex): IndexedReader =>
    new IndexedReader({ source, kind, classes, index, encoding: { kind: 'file' } });
  return {
    classes,
    classNames,
    train: readerOf(train.index),
    validation: readerOf(validation.index),
    digest: hash.digest('hex'),
    dependsOn: [
      ...LAYOUT,
      `${folders.train}/`,
      ...new Set([...train.folders, ...validation.folders]),
      ...fewFiles(train.index, validation.index),
    ],
    faults: [...faults, ...train.faults, ...validation.faults, ...emptyFaults(validation.index, divide)],
    broken: [...train.unreadable, ...validation.unreadable],
  };
}

/** Class folders in the location itself. */
function numFoldersWithImages(entries: readonly string[]): number {
  const images = entries.filter((name) => name.includes('/') && IMAGE_EXTENSION.test(name));
  return new Set(images.map((name) => name.slice(0, name.indexOf('/')))).size;
}

interface ChosenSplit {
  readonly split: Split;
  readonly divide: DatasetSplit;
}

/** Which images of a class are of a split. */
function chosenOf(names: readonly string[], { split, divide }: ChosenSplit): readonly boolean[] {
  return validationOf(names, divide).map((isValidation) => isValidation === (split === 'val'));
}

function emptyFaults({ numSamples }: SampleIndex, divide: DatasetSplit | undefined): readonly Fault[] {
  if (divide === undefined || numSamples > 0) return [];
  return [{ path: 'dataset.split', message: 'leaves no readable image for validation: every class has one image' }];
}

/** A file that is written to changes no folder. Of many files the one is found by its size, when it is read. */
function fewFiles(...indexes: readonly SampleIndex[]): readonly string[] {
  if (indexes.reduce((sum, { numSamples }) => sum + numSamples, 0) > FEW_FILES) return [];
  return indexes.flatMap(({ paths, numSamples }) => Array.from({ length: numSamples }, (_, at) => stringAt(paths, at)));
}
