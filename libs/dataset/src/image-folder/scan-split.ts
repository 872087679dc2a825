import type { Hash } from 'node:crypto';
import { extname } from 'node:path';
import { isRemote, type Orientation } from '#contracts';
import type { StoredObject } from '#stores';
import { HIDDEN_FILES, type Fault, type ScanContext, type Split } from '../dataset.js';
import { SampleIndexBuilder, type SampleIndex } from '../sample-index.js';
import { byPath, listFiles, type FolderListing } from '../disk-threads/list-files.js';
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
export const IMAGE_EXTENSION = /\.(jpe?g|jpe|jfif|png|webp|gif|bmp|dib|tiff?|avif)$/i;

interface LookedClass {
  readonly listing: FolderListing;
  /** Of the split, in the order of their paths. */
  readonly images: readonly StoredObject[];
  /** What was found of each. */
  readonly looks: readonly LookedImage[];
}

/** Indexes the files of a split, class by class: what is held in memory besides the index is the file names of two classes. */
export async function scanSplit(options: SplitScanOptions): Promise<SplitScan> {
  const { store, folder, isSecondLook, classes, present, hash, onImages } = options;
  const isInStore = isRemote(store.location);
  const builder = new SampleIndexBuilder();
  const faults: Fault[] = [];
  const unreadable: Fault[] = [];
  const folders: string[] = [];
  const found = classes.flatMap((name, label) =>
    present.has(name) ? [{ label, name, classPath: folder === '' ? name : `${folder}/${name}` }] : [],
  );
  for await (const [{ label, classPath }, looked] of oneAhead(found, (one) => lookAtClass(one, options))) {
    const { listing, images, looks } = looked;
    folders.push(`${classPath}/`, ...listing.folders.map((below) => `${below}/`));
    const broken = isSecondLook ? [] : listing.broken;
    for (const { path, reason } of broken) unreadable.push({ path, message: reason });
    let numReadable = 0;
    for (const [at, { path, sizeBytes, version }] of images.entries()) {
      const image = looks[at];
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
      const there = images.length > 0 ? `${images.length} unreadable ones` : `${listing.files.length} other files`;
      faults.push({ path: classPath, message: `no readable image in this class (${there})` });
    }
  }
  return { index: builder.build(), faults, unreadable, folders };
}

async function lookAtClass(
  { name, classPath }: { readonly name: string; readonly classPath: string },
  options: SplitScanOptions,
): Promise<LookedClass> {
  const { store, disk, split, choose, signal } = options;
  const listing = await (isRemote(store.location)
    ? listFiles(store, classPath, signal)
    : disk.list(store, classPath, signal));
  const unit = `${split} ${classPath}`;
  const byContent = await imagesByContent(listing, unit, options);
  const named = listing.files.filter(({ path }) => IMAGE_EXTENSION.test(path));
  const all = byContent.size === 0 ? named : [...named, ...byContent.keys()].toSorted(byPath);
  const isChosen = choose?.(all.map(({ path }) => path.slice(classPath.length - name.length)));
  const images = isChosen === undefined ? all : all.filter((_, at) => isChosen[at]);
  const unseen = byContent.size === 0 ? images : images.filter((file) => !byContent.has(file));
  const opened = (await lookAtImages(unseen, unit, options)).values();
  const looks = images.map(
    (file): LookedImage => byContent.get(file) ?? opened.next().value ?? { kind: 'fault', reason: 'was not looked at' },
  );
  return { listing, images, looks };
}

/** Gives each item with what is found of it; that of the next is looked for meanwhile. */
async function* oneAhead<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Promise<Found>,
): AsyncGenerator<readonly [Item, Found]> {
  const begin = (at: number): Promise<Found> | undefined => {
    const item = items[at];
    const finding = item === undefined ? undefined : find(item);
    // Nobody waits for it where the one before fails.
    finding?.catch(() => undefined);
    return finding;
  };
  let ahead = begin(0);
  for (const [at, item] of items.entries()) {
    const finding = ahead;
    ahead = begin(at + 1);
    if (finding !== undefined) yield [item, await finding];
  }
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
    else onOther?.({ extension: extname(file.path).toLowerCase(), kind: otherKind ?? 'unknown', count: 1 });
  }
  if (numHidden > 0) onOther?.({ ...HIDDEN_FILES, count: numHidden });
  return found;
}
