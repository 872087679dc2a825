import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isRemote, RefusedInputError, type DatasetSpec } from '#contracts';
import { writeFileAtomically } from '#files';
import { openStore, type FileSource, type Store } from '#stores';
import { digestCoversBytes, sourceOf } from '../dataset-formats.js';
import type { Dataset, ScanOptions } from '../dataset.js';
import { GrowingStrings } from '../growing-column.js';
import { mapBounded } from '../map-bounded.js';
import { openDataset } from '../open-dataset.js';
import type { SampleIndex } from '../sample-index.js';
import { stringAt } from '../string-column.js';
import { decodeIndex, readersOf, type DatasetIndex } from './dataset-index.js';
import { indexKey } from './index-key.js';
import { readIndexFile } from './index-file.js';

/** Where indexes of data sets come from that another process has looked at. */
export interface IndexAccess {
  /** Where indexes that were taken are kept, shared by the processes of a host. */
  readonly folder: string;
  /** The bytes of an index by its `indexKey`; null where there is none. */
  readonly take: (key: string, signal?: AbortSignal) => Promise<Uint8Array<SharedArrayBuffer> | null>;
}

export interface KnownDatasetOptions extends ScanOptions {
  /** The data set that is expected. */
  readonly digest: string;
  /** Default: none, and the data set is looked at. */
  readonly indexes?: IndexAccess | undefined;
  /** Where this host has the data set. Default: where the spec says. */
  readonly path?: string | undefined;
}

/** Indexes that a host keeps. */
const MAX_KEPT = 8;
/** So many files are looked at when a data set is opened, spread over all of it: some 30 ms. */
const MAX_CHECKED = 2_000;

/**
 * Opens a data set that another process has looked at, by its index. Some of its files are
 * looked at, and each is compared with the index when it is read. Without an index, and where the digest covers the bytes
 * themselves, all of the data set is looked at, and so is a copy in another store. Rejects with RefusedInputError where it is faulty or another one.
 */
export async function openKnownDataset(spec: DatasetSpec, options: KnownDatasetOptions): Promise<Dataset> {
  const { digest, path = spec.path } = options;
  const here = { ...spec, path };
  const needsSurvey = digestCoversBytes(spec.kind) || (path !== spec.path && isRemote(path));
  const index = needsSurvey ? null : await findIndex(indexKey(spec, digest), options);
  if (index === null) {
    const opened = await openDataset(here, options);
    if (opened.digest === digest) return opened;
    const numSamples = `${opened.train.length} + ${opened.validation.length} samples`;
    throw anotherDataset(
      here,
      `it has ${numSamples} and the digest ${opened.digest.slice(0, 12)}, expected ${digest.slice(0, 12)}`,
    );
  }
  const source = sourceOf(path, options.stores);
  const { classes, classNames } = index;
  const isElsewhere = path !== spec.path && index.location === sourceOf(spec.path).location;
  const { location, ...own } = isElsewhere ? asOnDisk(index) : index;
  const readers =
    location === null
      ? readersOf(await checkFiles(here, { location, ...own }, source), source)
      : readersOf(index, { ...source, location });
  return { ...readers, classes, classNames, digest, skipped: [] };
}

/** The index of a data set in a store as that of its copy on disk: files have no versions there. */
function asOnDisk({ train, val, ...index }: DatasetIndex): DatasetIndex {
  return { ...index, location: null, train: { ...train, versions: null }, val: { ...val, versions: null } };
}

async function findIndex(key: string, { digest, indexes, signal }: KnownDatasetOptions): Promise<DatasetIndex | null> {
  if (indexes === undefined) return null;
  const path = join(indexes.folder, `${key}.index`);
  // A host that cannot read its own takes another.
  const kept = await readIndexFile(path).catch(() => null);
  if (kept?.digest === digest) {
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return kept;
  }
  const bytes = await indexes.take(key, signal);
  const taken = bytes && decodeIndex(bytes);
  if (bytes === null || taken?.digest !== digest) return null;
  // A host without room for it takes it again the next time.
  await keep(indexes.folder, key, bytes).catch(() => undefined);
  return taken;
}

async function keep(folder: string, key: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, `${key}.index`), bytes, { isDurable: false });
  const names = (await readdir(folder)).filter((name) => name.endsWith('.index'));
  const kept = await Promise.all(
    names.map(async (name) => ({ name, usedAt: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = kept.sort((a, b) => b.usedAt - a.usedAt).slice(MAX_KEPT);
  for (const { name } of old) await rm(join(folder, name), { force: true });
}

/**
 * Finds a folder with other files before anything is trained on them. Gives the index as it is of this disk: another host's copy
 * of a file that is read unpacked has other times.
 */
async function checkFiles(spec: DatasetSpec, index: DatasetIndex, source: FileSource): Promise<DatasetIndex> {
  const checked = [index.train, index.val].flatMap((split) => {
    const numFiles = split.paths.ends.length;
    const stride = Math.max(1, Math.ceil((numFiles * 2) / MAX_CHECKED));
    return Array.from({ length: Math.ceil(numFiles / stride) }, (_, at) => [split, at * stride] as const);
  });
  const store = openStore(source);
  try {
    const faults = await mapBounded(checked, 16, ([split, file]) => fileFault(store, split, file));
    const [fault] = faults.filter((found) => found !== null);
    if (fault !== undefined) throw anotherDataset(spec, fault);
    const versions = new Map<string, string>();
    const train = await withVersionsOf(store, index.train, versions);
    return { ...index, train, val: await withVersionsOf(store, index.val, versions) };
  } finally {
    store.close();
  }
}

/** Shards are few. */
async function withVersionsOf(store: Store, index: SampleIndex, known: Map<string, string>): Promise<SampleIndex> {
  const { parts, paths } = index;
  if (parts === null) return index;
  const versions = new GrowingStrings();
  for (const [file, part] of parts.entries()) {
    const path = stringAt(paths, file);
    if (part >= 0 && !known.has(path)) known.set(path, (await store.stat(path))?.version ?? '');
    versions.push(known.get(path) ?? '');
  }
  return { ...index, versions: versions.shared() };
}

async function fileFault(
  store: Store,
  { paths, fileSizes, lengths }: SampleIndex,
  file: number,
): Promise<string | null> {
  const path = stringAt(paths, file);
  const sizeBytes = (fileSizes ?? lengths)[file] ?? 0;
  const found = await store.stat(path);
  if (found === null) return `${path} is not there`;
  return found.sizeBytes === sizeBytes ? null : `${path} has ${found.sizeBytes} bytes, expected ${sizeBytes}`;
}

function anotherDataset({ path }: DatasetSpec, found: string): RefusedInputError {
  const message = `${path} here is not the data set that was submitted: ${found}`;
  return new RefusedInputError(message, [{ path: 'dataset.path', message }]);
}
