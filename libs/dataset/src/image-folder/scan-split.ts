import type { Hash } from 'node:crypto';
import type { Orientation } from '#contracts';
import { join } from 'node:path';
import type { Fault, ScannedImages } from '../dataset.js';
import { formatName } from '../image-format/format-name.js';
import { inspectFile } from '../image-format/inspect-file.js';
import { mapBounded } from '../map-bounded.js';
import { SampleIndexBuilder, type SampleIndex } from '../sample-index.js';
import { listFiles } from './list-files.js';

export interface SplitScan {
  readonly index: SampleIndex;
  /** Classes without any readable image. */
  readonly faults: readonly Fault[];
  /** Files left out, with the reason. */
  readonly unreadable: readonly Fault[];
}

export interface SplitScanOptions {
  /** Absolute folder of the data set. */
  readonly root: string;
  /** Where its class folders lie, relative to the root; '' is the root itself. */
  readonly folder: string;
  /** The split's own images of a class, where both splits lie in one folder. */
  readonly choose: ((images: readonly string[], className: string) => readonly string[]) | null;
  /** The same folders were looked at for the other split, which named what is wrong with them. */
  readonly isSecondLook: boolean;
  readonly classes: readonly string[];
  /** Classes that have a folder here; what lacks one is not scanned and no fault of the split. */
  readonly present: ReadonlySet<string>;
  readonly concurrency: number;
  readonly orientation: Orientation;
  /** Receives one line a sample: path, size, label, and its turn where that is obeyed. */
  readonly hash: Hash;
  readonly onFile: () => void;
  readonly onImages: ((images: ScannedImages) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Indexes the files of a split, class by class: what is held in memory besides the index is one class's file names. */
export async function scanSplit(options: SplitScanOptions): Promise<SplitScan> {
  const { root, folder, choose, isSecondLook, classes, present, concurrency, hash, onFile, onImages, signal } = options;
  const builder = new SampleIndexBuilder();
  const faults: Fault[] = [];
  const unreadable: Fault[] = [];
  for (const [label, name] of classes.entries()) {
    if (!present.has(name)) continue;
    const classPath = folder === '' ? name : `${folder}/${name}`;
    const listing = await listFiles(join(root, classPath));
    const images = choose === null ? listing.images : choose(listing.images, name);
    const broken = isSecondLook ? [] : listing.broken;
    for (const { path, reason } of broken) unreadable.push({ path: `${classPath}/${path}`, message: reason });
    const inspections = await mapBounded(images, concurrency, async (image) => {
      signal?.throwIfAborted();
      const inspection = await inspectFile(join(root, classPath, image));
      onFile();
      return inspection;
    });
    let numReadable = 0;
    for (const [at, inspection] of inspections.entries()) {
      const path = `${classPath}/${images[at] ?? ''}`;
      if (inspection.kind === 'fault') {
        unreadable.push({ path, message: inspection.reason });
        continue;
      }
      const { width, height, orientation, hasProfile } = inspection.header;
      const isTurned = orientation !== 1;
      onImages?.({ format: formatName(inspection.header), width, height, count: 1, isTurned, hasProfile });
      const file = builder.addFile(path, inspection);
      builder.add({ file, length: inspection.sizeBytes, label, image: inspection.header });
      // What is turned is part of what the samples are, where it is obeyed.
      const turn = isTurned && options.orientation === 'upright' ? `\0turned ${orientation}` : '';
      hash.update(`${path}\0${inspection.sizeBytes}\0${label}${turn}\n`);
      numReadable += 1;
    }
    if (numReadable === 0 && !isSecondLook) {
      const { numOthers } = listing;
      const found = images.length > 0 ? `${images.length} unreadable ones` : `${numOthers} other files`;
      faults.push({ path: classPath, message: `no readable .jpg, .jpeg or .png file in this class (${found})` });
    }
  }
  return { index: builder.build(), faults, unreadable };
}
