import type { Hash } from 'node:crypto';
import { extname } from 'node:path';
import { isRemote, type Orientation } from '#contracts';
import type { StoredObject } from '#stores';
import type { Fault, ScanContext, Split } from '../dataset.js';
import { SampleIndexBuilder, type SampleIndex } from '../sample-index.js';
import { byPath, listFiles, type FolderListing } from './list-files.js';
import { lookAtImages, type LookedImage } from './look-at-images.js';

export interface SplitScan {
  readonly index: SampleIndex;
  /** Classes without any readable image. */
  readonly faults: readonly Fault[];
  /** Files left out, with the reason. */
  readonly unreadable: readonly Fault[];
  /** Folders that were listed, with an end of `/`. */
  readonly folders: readonly string[];
}

export interface SplitScanOptions extends ScanContext {
  readonly split: Split;
  /** Where its class folders lie, relative to the location; '' is the location itself. */
  readonly folder: string;
  /** Which images of a class, by class and path in it, are of the split, where both splits lie in one folder. */
  readonly choose: ((names: readonly string[]) => readonly boolean[]) | null;
  /** The same folders were looked at for the other split, which named what is wrong with them. */
  readonly isSecondLook: boolean;
  readonly classes: readonly string[];
  /** Classes that have a folder here; what lacks one is not scanned and no fault of the split. */
  readonly present: ReadonlySet<string>;
  readonly orientation: Orientation;
  /** Receives one line a sample: path, size, label, and its turn where that is obeyed. */
  readonly hash: Hash;
  readonly onFile: () => void;
}

/** Files with these names are images or broken ones; of others the content decides. */
const IMAGE_EXTENSION = /\.(jpe?g|jpe|jfif|png|webp|gif|bmp|dib|tiff?|avif)$/i;

/** Indexes the files of a split, class by class: what is held in memory besides the index is one class's file names. */
export async function scanSplit(options: SplitScanOptions): Promise<SplitScan> {
  const { store, split, folder, choose, isSecondLook, classes, present, hash, onImages, signal } = options;
  const isInStore = isRemote(store.location);
  const builder = new SampleIndexBuilder();
  const faults: Fault[] = [];
  const unreadable: Fault[] = [];
  const folders: string[] = [];
  for (const [label, name] of classes.entries()) {
    if (!present.has(name)) continue;
    const classPath = folder === '' ? name : `${folder}/${name}`;
    const listing = await listFiles(store, classPath, signal);
    folders.push(`${classPath}/`, ...listing.folders.map((below) => `${below}/`));
    const broken = isSecondLook ? [] : listing.broken;
    for (const { path, reason } of broken) unreadable.push({ path, message: reason });
    const unit = `${split} ${classPath}`;
    const byContent = await imagesByContent(listing, unit, options);
    const named = listing.files.filter(({ path }) => IMAGE_EXTENSION.test(path));
    const all = byContent.size === 0 ? named : [...named, ...byContent.keys()].toSorted(byPath);
    const isChosen = choose?.(all.map(({ path }) => path.slice(classPath.length - name.length)));
    const images = isChosen === undefined ? all : all.filter((_, at) => isChosen[at]);
    const unseen = images.filter((file) => !byContent.has(file));
    const looked = (await lookAtImages(unseen, unit, options)).values();
    let numReadable = 0;
    for (const stored of images) {
      const { path, sizeBytes, version } = stored;
      const image = byContent.get(stored) ?? looked.next().value;
      if (image === undefined || image.kind === 'fault') {
        unreadable.push({ path, message: image?.reason ?? 'was not looked at' });
        continue;
      }
      const { format, width, height, orientation, hasProfile } = image;
      const isTurned = orientation !== 1;
      onImages?.({ format, width, height, count: 1, isTurned, hasProfile });
      const file = builder.addFile(path, { sizeBytes, ...(isInStore && { version }) });
      builder.add({ file, length: sizeBytes, label, image });
      // What is turned is part of what the samples are, where it is obeyed.
      const turn = isTurned && options.orientation === 'upright' ? `\0turned ${orientation}` : '';
      hash.update(`${path}\0${sizeBytes}\0${label}${turn}\n`);
      numReadable += 1;
    }
    if (numReadable === 0 && !isSecondLook) {
      const found = images.length > 0 ? `${images.length} unreadable ones` : `${listing.files.length} other files`;
      faults.push({ path: classPath, message: `no readable image in this class (${found})` });
    }
  }
  return { index: builder.build(), faults, unreadable, folders };
}

/** Files whose names do not say that they are images, and which are some, whole or broken. The others are told to `onOther`. */
async function imagesByContent(
  { files, numHidden }: FolderListing,
  unit: string,
  options: SplitScanOptions,
): Promise<ReadonlyMap<StoredObject, LookedImage>> {
  const unnamed = files.filter(({ path }) => !IMAGE_EXTENSION.test(path));
  // Few, as a rule: they count in the progress once they are images.
  const looked = await lookAtImages(unnamed, `${unit} unnamed`, { ...options, onFile: () => undefined });
  const found = new Map<StoredObject, LookedImage>();
  const onOther = options.isSecondLook ? undefined : options.onOther;
  for (const [at, file] of unnamed.entries()) {
    const look = looked[at];
    const otherKind = look?.kind === 'fault' ? look.otherKind : undefined;
    if (look !== undefined && otherKind === undefined) found.set(file, look);
    else onOther?.({ extension: extname(file.path).toLowerCase(), kind: otherKind ?? 'unknown' });
  }
  for (let hidden = 0; hidden < numHidden; hidden += 1) onOther?.({ extension: '.*', kind: 'hidden' });
  return found;
}
