import { createHash } from 'node:crypto';
import type { DatasetSpec } from '#contracts';
import type { DatasetFormat, DatasetScan, ScanContext, Split } from '../dataset.js';
import { IndexedReader } from '../indexed-reader.js';
import type { SampleIndex } from '../sample-index.js';
import { checkLayout } from './check-layout.js';
import { readSynsetNames } from './read-synset-names.js';
import { scanSplit, type SplitScan } from './scan-split.js';

type ImageFolderSpec = Extract<DatasetSpec, { kind: 'image-folder' }>;

const PROGRESS_EVERY = 1000;

/** Images in class folders, as torchvision's ImageFolder and ImageNet have them. */
export const imageFolder: DatasetFormat<ImageFolderSpec> = {
  layout: 'train/CLASS/*.jpg and val/CLASS/*.jpg (jpg, jpeg, png)',
  recognises: (entries) => entries.includes('train') || entries.includes('val'),
  scan: scanImageFolder,
};

/**
 * Scans `path/train/CLASS/**` and `path/val/CLASS/**` (jpg, jpeg, png; any case; nested folders; links followed;
 * hidden names ignored). Every file is checked at both ends (`inspectImage`). Classes are the sorted names of the
 * folders in train/. The digest covers classes and every sample's path, size and label.
 *
 * Cost: two short reads a file, `concurrency` files at once: some 10,000 files a second from a warm disk cache.
 * Faults: missing folders, fewer than two classes, classes of val that differ, classes without images. What is there is
 * scanned all the same, so that one look names everything.
 */
async function scanImageFolder(
  { kind, path, orientation }: ImageFolderSpec,
  { source, ...options }: ScanContext,
): Promise<DatasetScan> {
  const root = source.location;
  const { classes, present, faults } = await checkLayout(path, root);
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  const classNames = await readSynsetNames(root, classes);

  const scan = async (split: Split): Promise<SplitScan> => {
    let numSamples = 0;
    const report = (): void => options.onProgress?.({ split, numSamples });
    const onFile = (): void => {
      numSamples += 1;
      if (numSamples % PROGRESS_EVERY === 0) report();
    };
    const { concurrency = 16, onImages, signal } = options;
    const result = await scanSplit({
      root,
      split,
      classes,
      present: present[split],
      concurrency,
      orientation,
      hash,
      onFile,
      onImages,
      signal,
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
    dependsOn: [],
    faults: [...faults, ...train.faults, ...validation.faults],
    broken: [...train.unreadable, ...validation.unreadable],
  };
}
