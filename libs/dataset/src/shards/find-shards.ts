import { extname } from 'node:path';
import { RefusedInputError, type DatasetSplit } from '#contracts';
import type { Store, StoredObject } from '#stores';
import type { Fault, ScanContext, Split } from '../dataset.js';
import { byCodeUnit } from '../labels/by-code-unit.js';
import { some } from '../labels/some.js';
import { mapBounded } from '../map-bounded.js';
import { expandBraces } from './expand-braces.js';

/** What a spec says of the shards of a data set. */
export interface ShardsSpec {
  readonly train?: string | readonly string[] | undefined;
  readonly validation?: string | readonly string[] | undefined;
  readonly split?: DatasetSplit | undefined;
}

export interface ShardsWanted {
  /** With its dot. */
  readonly extension: '.tar' | '.parquet';
  /** A few words for messages: `tar shards`. */
  readonly noun: string;
  /** Files beside the shards that the format reads. */
  readonly besides: readonly string[];
}

export interface FoundShards {
  readonly shards: readonly { readonly object: StoredObject; readonly split: Split | null }[];
  readonly dependsOn: readonly string[];
  readonly faults: readonly Fault[];
}

/** Shards whose names say that they are packed. */
const PACKED = /\.(tgz|(tar|parquet)\.(gz|bz2|xz|zst|lz4))$/i;

/** What names of shards say of their split, by whole words: `train-000.tar`, `data/validation-00000-of-00014.parquet`. */
const SPLIT_WORDS: readonly (readonly [RegExp, Split | 'test'])[] = [
  [/(?<![a-z])train(ing)?(?![a-z])/i, 'train'],
  [/(?<![a-z])(val|valid|validation)(?![a-z])/i, 'val'],
  [/(?<![a-z])(test|testing)(?![a-z])/i, 'test'],
];

/** Finds the shards of a data set: those that the spec names, else all that lie in the location, told apart by their names. */
export async function findShards(spec: ShardsSpec, wanted: ShardsWanted, context: ScanContext): Promise<FoundShards> {
  const { train, validation, split } = spec;
  if (train === undefined && validation === undefined) return await listShards(spec, wanted, context);
  const faults: Fault[] = [];
  if (train === undefined) faults.push({ path: 'dataset.train', message: 'is missing beside dataset.validation' });
  if (validation !== undefined && split !== undefined) faults.push(splitFault('dataset.validation names images'));
  const named = [
    { field: 'dataset.train', patterns: [train ?? []].flat(), split: split === undefined ? ('train' as const) : null },
    { field: 'dataset.validation', patterns: [validation ?? []].flat(), split: 'val' as const },
  ];
  const paths = named.flatMap((group) => {
    try {
      return namesOf(group.patterns).map((path) => ({ path, split: group.split }));
    } catch (error) {
      if (!(error instanceof RefusedInputError)) throw error;
      faults.push({ path: group.field, message: error.message });
      return [];
    }
  });
  const twice = paths.filter(({ path }, at) => paths.findIndex((other) => other.path === path) !== at);
  if (twice.length > 0)
    faults.push({ path: 'dataset', message: `named twice: ${some(twice.map(({ path }) => path))}` });
  const found = await mapBounded(paths, 16, async (one) => ({
    ...one,
    object: await statOrFault(context, one.path, faults),
  }));
  const shards = found.flatMap(({ object, split: of }) => (object === null ? [] : [{ object, split: of }]));
  return { shards, dependsOn: paths.map(({ path }) => path), faults };
}

function namesOf(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => {
    if (/[*?]/.test(pattern)) {
      throw new RefusedInputError(`${pattern}: * and ? are not understood; count names with {000..146}`);
    }
    return expandBraces(pattern);
  });
}

async function statOrFault(
  { store, signal }: ScanContext,
  path: string,
  faults: Fault[],
): Promise<StoredObject | null> {
  try {
    const object = await store.stat(path, { ...(signal && { signal }) });
    if (object === null) faults.push({ path, message: 'there is no such file' });
    return object;
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    faults.push({ path, message: error.message });
    return null;
  }
}

async function listShards(
  { split }: ShardsSpec,
  { extension, noun, besides }: ShardsWanted,
  { store, signal, onOther }: ScanContext,
): Promise<FoundShards> {
  const faults: Fault[] = [];
  const objects: StoredObject[] = [];
  const packed: string[] = [];
  const folders = new Set(['/']);
  const leaveOut = (path: string, kind: string): void =>
    onOther?.({ extension: extname(path).toLowerCase(), kind, count: 1 });
  try {
    for await (const object of objectsBelow(store, folders, signal)) {
      const { path } = object;
      if (path.toLowerCase().endsWith(extension)) objects.push(object);
      else if (!besides.includes(path)) {
        if (PACKED.test(path)) packed.push(path);
        leaveOut(path, 'beside the shards');
      }
    }
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    const advice = `name the ${noun} with dataset.train, such as "train-{000..146}${extension}", and dataset.validation`;
    return { shards: [], dependsOn: [], faults: [{ path: '', message: `${error.message}; ${advice}` }] };
  }
  objects.sort((a, b) => byCodeUnit(a.path, b.path));
  const found = objects.map((object) => ({ object, split: splitOf(object.path) }));
  const of = (wanted: Split | 'test' | null): typeof found => found.filter((shard) => shard.split === wanted);
  for (const { object } of of('test')) leaveOut(object.path, 'for a test by its name');
  const hasTrain = of('train').length > 0;
  // Shards that say nothing are for training where no others do.
  const train = hasTrain ? of('train') : of(null);
  const shards = [
    ...train.map(({ object }) => ({ object, split: split === undefined ? ('train' as const) : null })),
    ...of('val').map(({ object }) => ({ object, split: 'val' as const })),
  ];
  if (objects.length === 0) {
    const hint = packed.length === 0 ? '' : `; ${some(packed)}: unpack ${packed.length === 1 ? 'it' : 'them'} first`;
    faults.push({ path: '', message: `there is no ${extension} file${hint}` });
  } else if (train.length === 0) {
    const message = `none of the ${noun} is for training by its name (${some(objects.map(({ path }) => path))}): name them with dataset.train`;
    faults.push({ path: '', message });
  }
  if (of('val').length > 0 && split !== undefined)
    faults.push(splitFault(`${of('val')[0]?.object.path ?? ''} holds images`));
  if (of('val').length === 0 && of('test').length > 0 && split === undefined) {
    const [first] = of('test');
    faults.push({ path: first?.object.path ?? '', message: 'is not looked at; dataset.validation can name it' });
  }
  if (hasTrain && of(null).length > 0) {
    const names = of(null).map(({ object }) => object.path);
    faults.push({
      path: '',
      message: `names that say no split: ${some(names)}; name all with dataset.train and dataset.validation`,
    });
  }
  return { shards, dependsOn: [...folders, ...shards.map(({ object }) => object.path)], faults };
}

/** What lies in the location and in its folders; nothing deeper is looked for. */
async function* objectsBelow(
  store: Store,
  folders: Set<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredObject> {
  const options = { ...(signal && { signal }) };
  const below: string[] = [];
  for await (const entry of store.list('', options)) {
    if (isHidden(entry.path)) continue;
    if (entry.kind === 'object') yield entry;
    if (entry.kind === 'folder') below.push(entry.path);
  }
  for (const folder of below) {
    folders.add(`${folder}/`);
    for await (const entry of store.list(folder, options)) {
      if (entry.kind === 'object' && !isHidden(entry.path)) yield entry;
    }
  }
}

function isHidden(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('.');
}

function splitOf(path: string): Split | 'test' | null {
  return SPLIT_WORDS.find(([word]) => word.test(path))?.[1] ?? null;
}

function splitFault(reason: string): Fault {
  return { path: 'dataset.split', message: `${reason} for validation; leave dataset.split out` };
}
