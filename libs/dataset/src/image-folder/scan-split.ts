import type { Hash } from 'node:crypto';
import type { Orientation } from '#contracts';
import { join } from 'node:path';
import type { Fault, ScannedImages, Split } from '../dataset.js';
import type { ImageHeader } from '../image-format/header-parse.js';
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
  readonly split: Split;
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
  const { root, split, classes, present, concurrency, hash, onFile, onImages, signal } = options;
  const builder = new SampleIndexBuilder();
  const faults: Fault[] = [];
  const unreadable: Fault[] = [];
  for (const [label, name] of classes.entries()) {
    if (!present.has(name)) continue;
    const classPath = `${split}/${name}`;
    const listing = await listFiles(join(root, classPath));
    for (const { path, reason } of listing.broken) unreadable.push({ path: `${classPath}/${path}`, message: reason });
    const inspections = await mapBounded(listing.images, concurrency, async (image) => {
      signal?.throwIfAborted();
      const inspection = await inspectFile(join(root, classPath, image));
      onFile();
      return inspection;
    });
    let numReadable = 0;
    for (const [at, inspection] of inspections.entries()) {
      const path = `${classPath}/${listing.images[at] ?? ''}`;
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
    if (numReadable === 0) {
      const { numOthers, images } = listing;
      const found = images.length > 0 ? `${images.length} unreadable ones` : `${numOthers} other files`;
      faults.push({ path: classPath, message: `no readable .jpg, .jpeg or .png file in this class (${found})` });
    }
  }
  return { index: builder.build(), faults, unreadable };
}

function formatName({ format, numComponents, isCmyk }: ImageHeader): string {
  if (isCmyk) return `${format} cmyk`;
  if (numComponents === 1) return `${format} gray`;
  return numComponents === 3 ? format : `${format} alpha`;
}
