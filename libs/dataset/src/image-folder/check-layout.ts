import { isRemote } from '#contracts';
import type { Store } from '#stores';
import type { Fault, Split } from '../dataset.js';
import { some } from '../labels/some.js';
import { isFolder, listClasses } from '../disk-threads/list-files.js';

export interface LayoutCheck {
  /** Where the class folders of a split lie, relative to the root: `train`, or '' where they lie in the root itself. */
  readonly folders: Readonly<Record<Split, string>>;
  /** The classes, sorted. */
  readonly classes: readonly string[];
  /** Those of them that have a folder in the split. */
  readonly present: Readonly<Record<Split, ReadonlySet<string>>>;
  readonly faults: readonly Fault[];
}

/** What people call the folder of the validation images. */
export const VALIDATION_FOLDERS = ['val', 'valid', 'validation'] as const;

const ADVICE = 'dataset.split = { "validation": 0.1 } takes a share of the training images for it';

/**
 * Finds the folders of both splits and checks classes. `path` is the folder as it was given, for messages; `isDivided`: the
 * spec's `split` takes validation images out of the training images.
 */
export async function checkLayout(path: string, store: Store, isDivided: boolean): Promise<LayoutCheck> {
  const { names: found } = await listClasses(store, '');
  if (found.length === 0 && (isRemote(store.location) || !(await isFolder(store.location)))) {
    const message = `expected a folder with train/ and val/; there is no folder ${store.location}`;
    return { ...NO_CLASSES, faults: [{ path, message }] };
  }
  const validation = VALIDATION_FOLDERS.filter((name) => found.includes(name));
  const hasTrain = found.includes('train');
  // Classes of both splits in one folder, as many small data sets have them.
  const isFlat = !hasTrain && validation.length === 0 && isDivided;
  const faults = isFlat
    ? []
    : [...(hasTrain ? [] : [trainFault(found)]), ...validationFaults(found, validation, isDivided)];
  const folders = { train: isFlat ? '' : 'train', val: isDivided ? (isFlat ? '' : 'train') : (validation[0] ?? 'val') };
  const listing = async (folder: string): Promise<readonly string[]> => {
    const { names, broken } = await listClasses(store, folder);
    for (const { path: entry, reason } of broken)
      faults.push({ path: entry, message: `${reason}: rename or remove it` });
    faults.push(...twinFaults(folder, names));
    return names;
  };
  const train = isFlat || hasTrain ? await listing(folders.train) : null;
  const val = isDivided
    ? train
    : validation.length === 1 || validation[0] === 'val'
      ? await listing(folders.val)
      : null;
  if (train !== null && train.length < 2) {
    const there = train.length === 0 ? 'none' : `only ${train.join(', ')}`;
    faults.push({ path: `${folders.train}/`, message: `expected at least 2 class folders; there is ${there}` });
  }
  if (train !== null && val !== null) faults.push(...(await differences(store, { train, val, folders })));
  const classes = train ?? [];
  const present = { train: new Set(classes), val: new Set(classes.filter((name) => val?.includes(name))) };
  return { folders, classes, present, faults };
}

const NO_CLASSES: Omit<LayoutCheck, 'faults'> = {
  folders: { train: 'train', val: 'val' },
  classes: [],
  present: { train: new Set(), val: new Set() },
};

function trainFault(found: readonly string[]): Fault {
  const path = 'train/';
  const expected = 'expected a folder train/ with one folder a class';
  const other = found.find((name) => /^(train|training)$/i.test(name));
  if (other !== undefined) return { path, message: `${expected}; there is ${other}/: rename it to train/` };
  if (found.length === 0) return { path, message: `${expected}; there is no folder at all` };
  const advice =
    'where these are the classes, dataset.split = { "validation": 0.1 } reads them without train/ and val/';
  return { path, message: `${expected}; there is ${some(found.map((name) => `${name}/`))}: ${advice}` };
}

function validationFaults(
  found: readonly string[],
  validation: readonly string[],
  isDivided: boolean,
): readonly Fault[] {
  const [first, second] = validation;
  if (isDivided) {
    const message = `${first ?? ''}/ holds images for validation; leave dataset.split out, or move ${first ?? ''}/ away`;
    return first === undefined ? [] : [{ path: 'dataset.split', message }];
  }
  if (first === 'val' || (first !== undefined && second === undefined)) return [];
  if (first !== undefined) {
    return [{ path: `${first}/`, message: `both ${first}/ and ${second ?? ''}/ are there: keep one for validation` }];
  }
  const expected = 'expected a folder val/ with one folder a class; there is';
  const test = found.find((name) => /^test(ing)?$/i.test(name));
  const other = found.find((name) => /^(val|valid|validation|eval|dev)$/i.test(name));
  const message =
    test === undefined && other === undefined
      ? `${expected} none: ${ADVICE}`
      : `${expected} ${other ?? test ?? ''}/: rename it to val/ if it is for validation; else ${ADVICE}`;
  return [{ path: 'val/', message }];
}

interface FoundClasses {
  readonly train: readonly string[];
  readonly val: readonly string[];
  readonly folders: LayoutCheck['folders'];
}

async function differences(store: Store, { train, val, folders }: FoundClasses): Promise<readonly Fault[]> {
  const path = `${folders.val}/`;
  if (val.length === 0 && train.length > 0) {
    let numFiles = 0;
    for await (const entry of store.list(folders.val)) if (!entry.path.startsWith(`${path}.`)) numFiles += 1;
    const found = numFiles === 0 ? 'it is empty' : `its ${numFiles} files lie in no class folder`;
    return [{ path, message: `expected the class folders of train/; ${found}: sort them into such folders` }];
  }
  const faults: Fault[] = [];
  const absent = train.filter((name) => !val.includes(name));
  const added = val.filter((name) => !train.includes(name));
  const twins = absent.filter((name) => added.some((other) => isTwin(name, other)));
  for (const name of twins) faults.push({ path: `${path}${name}`, message: `${TWINS} in train/: rename one of them` });
  const missing = absent.filter((name) => !twins.includes(name));
  const extra = added.filter((name) => !twins.some((twin) => isTwin(name, twin)));
  if (missing.length > 0) faults.push({ path, message: `classes of train/ missing in ${path}: ${some(missing)}` });
  if (extra.length > 0) faults.push({ path, message: `classes in ${path} that train/ does not have: ${some(extra)}` });
  return faults;
}

const TWINS = 'differs from another name in its Unicode form alone (NFC or NFD)';

function isTwin(one: string, other: string): boolean {
  return one !== other && one.normalize('NFC') === other.normalize('NFC');
}

/** Names of one folder that look alike. */
function twinFaults(folder: string, names: readonly string[]): readonly Fault[] {
  const seen = new Set<string>();
  const faults: Fault[] = [];
  for (const name of names) {
    const form = name.normalize('NFC');
    if (seen.has(form)) faults.push({ path: `${folder}/${name}`, message: `${TWINS} beside it: rename one of them` });
    seen.add(form);
  }
  return faults;
}
