import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import { IndexedReader } from '../indexed-reader.js';
import type { ImageFolderOptions, Split } from './image-folder-options.js';
import { isFolder, listClasses } from './list-files.js';
import { scanSplit, type Fault, type SplitScan } from './scan-split.js';

/** A data set that was opened and found sound. */
export interface ImageFolder {
  readonly train: IndexedReader;
  readonly validation: IndexedReader;
  readonly classes: readonly string[];
  /** SHA-256 (hex) over classes and every sample's path, size and label: equal digests, equal samples in equal order. */
  readonly digest: string;
  /** Unreadable files that were left out (`unreadable: 'skip'`), with the reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

const SPLITS = ['train', 'val'] as const;
const PROGRESS_EVERY = 1000;
const MAX_NAMED_FILES = 20;

/**
 * Opens `path/train/CLASS/**` and `path/val/CLASS/**` (jpg, jpeg, png; any case; nested folders; links followed;
 * hidden names ignored). Every file is checked at both ends (`inspectImage`). Classes are the sorted names of the
 * folders in train/.
 *
 * Cost: two short reads a file, `concurrency` files at once: some 10,000 files a second from a warm disk cache.
 * Rejects with RefusedInputError naming every fault found: missing folders, fewer than two classes, classes of val
 * that differ, classes without images and, unless they are skipped, unreadable files (the first 20 by name).
 */
export async function openImageFolder(path: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  const root = resolve(path);
  const classes = await checkLayout(path, root);
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  const scan = async (split: Split): Promise<SplitScan> => {
    let numFiles = 0;
    const report = (): void => options.onProgress?.({ split, numFiles });
    const onFile = (): void => {
      numFiles += 1;
      if (numFiles % PROGRESS_EVERY === 0) report();
    };
    const { concurrency = 16, signal } = options;
    const result = await scanSplit({ root, split, classes, concurrency, hash, onFile, signal });
    report();
    return result;
  };
  // One after the other: the digest takes samples in order.
  const train = await scan('train');
  const validation = await scan('val');

  const unreadable = [...train.unreadable, ...validation.unreadable];
  const faults = [...train.faults, ...validation.faults];
  if (options.unreadable !== 'skip') faults.push(...nameUnreadable(unreadable));
  if (faults.length > 0) throw refusal(path, faults);
  return {
    train: new IndexedReader({ root, classes, index: train.index }),
    validation: new IndexedReader({ root, classes, index: validation.index }),
    classes,
    digest: hash.digest('hex'),
    skipped: unreadable.map(({ path: file, message }) => ({ path: file, reason: message })),
  };
}

async function checkLayout(path: string, root: string): Promise<readonly string[]> {
  if (!(await isFolder(root))) {
    throw refusal(path, [{ path, message: `expected a folder with train/ and val/; there is no folder ${root}` }]);
  }
  const faults: Fault[] = [];
  const classesOf: Record<Split, readonly string[] | null> = { train: null, val: null };
  for (const split of SPLITS) {
    if (await isFolder(join(root, split))) {
      classesOf[split] = await listClasses(join(root, split));
    } else {
      faults.push({ path: `${split}/`, message: `expected a folder ${split}/ with one folder a class; there is none` });
    }
  }
  const { train, val } = classesOf;
  if (train !== null && train.length < 2) {
    const found = train.length === 0 ? 'none' : `only ${train.join(', ')}`;
    faults.push({ path: 'train/', message: `expected at least 2 class folders; there is ${found}` });
  }
  if (train !== null && val !== null) {
    const missing = train.filter((name) => !val.includes(name));
    const extra = val.filter((name) => !train.includes(name));
    if (missing.length > 0)
      faults.push({ path: 'val/', message: `classes of train/ missing in val/: ${some(missing)}` });
    if (extra.length > 0)
      faults.push({ path: 'val/', message: `classes in val/ that train/ does not have: ${some(extra)}` });
  }
  if (faults.length > 0 || train === null) throw refusal(path, faults);
  return train;
}

function nameUnreadable(unreadable: readonly Fault[]): readonly Fault[] {
  const named = unreadable.slice(0, MAX_NAMED_FILES);
  if (unreadable.length === 0) return named;
  const advice = 'repair or remove them, or submit the run with dataset.unreadable = "skip"';
  const more = unreadable.length > named.length ? `, of which the first ${named.length} are named` : '';
  return [...named, { path: '', message: `${unreadable.length} unreadable files in all${more}: ${advice}` }];
}

function some(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
}

function refusal(path: string, faults: readonly Fault[]): RefusedInputError {
  const first = faults[0];
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new RefusedInputError(
    `data set ${path} is refused: ${first?.path ?? ''}: ${first?.message ?? ''}${more}`,
    faults,
  );
}
