import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isRemote, RefusedInputError, type DatasetSpec } from '#contracts';
import { writeFileAtomically } from '#files';
import { openStore, type FileSource, type Store } from '#stores';
import { digestCoversBytes, sourceOf } from '../dataset-formats.js';
import type { Dataset, ScanOptions } from '../dataset.js';
import { mapBounded } from '../map-bounded.js';
import { openDataset } from '../open-dataset.js';
import type { SampleIndex } from '../sample-index.js';
import { stringAt } from '../string-column.js';
import { decodeIndex, readersOf, type DatasetIndex } from './dataset-index.js';
import { readIndexFile } from './index-file.js';

/** Where indexes of data sets come from that another process has looked at. */
export interface IndexAccess {
  /** Where indexes that were taken are kept, shared by the processes of a host. */
  readonly folder: string;
  /** The bytes of an index; null where there is none. */
  readonly take: (digest: string, signal?: AbortSignal) => Promise<Uint8Array<SharedArrayBuffer> | null>;
}

export interface KnownDatasetOptions extends ScanOptions {
  /** The data set that is expected. */
  readonly digest: string;
  /** Default: none, and the data set is looked at. */
  readonly indexes?: IndexAccess | undefined;
}

/** Indexes that a host keeps. */
const MAX_KEPT = 8;
/** So many files are looked at when a data set is opened, spread over all of it: some 30 ms. */
const MAX_CHECKED = 2_000;

/**
 * Opens a data set that another process has looked at, by its index. Some of its files are
 * looked at, and each is compared with the index when it is read. Without an index, and where the digest covers the bytes
 * themselves, all of the data set is looked at. Rejects with RefusedInputError where it is faulty or another one.
 */
export async function openKnownDataset(spec: DatasetSpec, options: KnownDatasetOptions): Promise<Dataset> {
  const { digest } = options;
  const index = digestCoversBytes(spec.kind) ? null : await findIndex(options);
  if (index === null) {
    const opened = await openDataset(spec, options);
    if (opened.digest === digest) return opened;
    const numSamples = `${opened.train.length} + ${opened.validation.length} samples`;
    throw anotherDataset(
      spec,
      `it has ${numSamples} and the digest ${opened.digest.slice(0, 12)}, expected ${digest.slice(0, 12)}`,
    );
  }
  const source = sourceOf(spec.path, options.stores);
  if (!isRemote(source.location)) await checkFiles(spec, index, source);
  const { classes, classNames } = index;
  return { ...readersOf(index, source), classes, classNames, digest, skipped: [] };
}

async function findIndex({ digest, indexes, signal }: KnownDatasetOptions): Promise<DatasetIndex | null> {
  if (indexes === undefined) return null;
  const path = join(indexes.folder, `${digest}.index`);
  // A host that cannot read its own takes another.
  const kept = await readIndexFile(path).catch(() => null);
  if (kept?.digest === digest) {
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return kept;
  }
  const bytes = await indexes.take(digest, signal);
  const taken = bytes && decodeIndex(bytes);
  if (bytes === null || taken?.digest !== digest) return null;
  // A host without room for it takes it again the next time.
  await keep(indexes.folder, digest, bytes).catch(() => undefined);
  return taken;
}

async function keep(folder: string, digest: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, `${digest}.index`), bytes, { isDurable: false });
  const names = (await readdir(folder)).filter((name) => name.endsWith('.index'));
  const kept = await Promise.all(
    names.map(async (name) => ({ name, usedAt: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = kept.sort((a, b) => b.usedAt - a.usedAt).slice(MAX_KEPT);
  for (const { name } of old) await rm(join(folder, name), { force: true });
}

/** Finds a folder with other files before anything is trained on them. */
async function checkFiles(spec: DatasetSpec, index: DatasetIndex, source: FileSource): Promise<void> {
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
  } finally {
    store.close();
  }
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
