import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault, Split } from '../dataset.js';
import { isFolder, listClasses } from './list-files.js';

export interface LayoutCheck {
  /** The classes of train/, sorted. */
  readonly classes: readonly string[];
  /** Those of them that have a folder in the split. */
  readonly present: Readonly<Record<Split, ReadonlySet<string>>>;
  readonly faults: readonly Fault[];
}

const SPLITS = ['train', 'val'] as const;

/** Checks folders and classes; `path` is the folder as it was given, for messages. */
export async function checkLayout(path: string, root: string): Promise<LayoutCheck> {
  if (!(await isFolder(root))) {
    const message = `expected a folder with train/ and val/; there is no folder ${root}`;
    return { classes: [], present: { train: new Set(), val: new Set() }, faults: [{ path, message }] };
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
  if (train !== null && val !== null) faults.push(...(await differences(root, train, val)));
  const classes = train ?? [];
  const present = { train: new Set(classes), val: new Set(classes.filter((name) => val?.includes(name))) };
  return { classes, present, faults };
}

async function differences(root: string, train: readonly string[], val: readonly string[]): Promise<readonly Fault[]> {
  if (val.length === 0 && train.length > 0) {
    const numFiles = (await readdir(join(root, 'val'))).filter((name) => !name.startsWith('.')).length;
    const found = numFiles === 0 ? 'it is empty' : `its ${numFiles} files lie in no class folder`;
    return [{ path: 'val/', message: `expected the class folders of train/; ${found}: sort them into such folders` }];
  }
  const faults: Fault[] = [];
  const missing = train.filter((name) => !val.includes(name));
  const extra = val.filter((name) => !train.includes(name));
  if (missing.length > 0) faults.push({ path: 'val/', message: `classes of train/ missing in val/: ${some(missing)}` });
  if (extra.length > 0) {
    faults.push({ path: 'val/', message: `classes in val/ that train/ does not have: ${some(extra)}` });
  }
  return faults;
}

function some(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
}
