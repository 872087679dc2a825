import { resolve } from 'node:path';
import { isRemote, type DatasetKind, type DatasetSpec } from '#contracts';
import { openStore, type FileSource, type StoreSettings } from '#stores';
import { cifar10, cifar100 } from './cifar/cifar-formats.js';
import type { DatasetFormat, DatasetScan, ScanContext, ScanOptions, SurveyNotes } from './dataset.js';
import { DiskThreads } from './disk-threads/disk-threads.js';
import { imageFolder } from './image-folder/image-folder-format.js';
import { imagenet } from './imagenet/imagenet-format.js';
import { manifest } from './manifest/manifest-format.js';
import { parquet } from './parquet/parquet-format.js';
import { webdataset } from './webdataset/webdataset-format.js';

type SpecOf = { readonly [Spec in DatasetSpec as Spec['kind']]: Spec };

/** All formats of data sets; a new one is a file and a line. */
const FORMATS: { readonly [Kind in DatasetKind]: DatasetFormat<SpecOf[Kind]> } = {
  'image-folder': imageFolder,
  manifest,
  imagenet,
  webdataset,
  parquet,
  cifar10,
  cifar100,
};

/** Scans a data set in its format. */
export async function scanDataset(spec: DatasetSpec, options: ScanOptions): Promise<DatasetScan> {
  const { stores, notes = FORGETFUL, ...others } = options;
  const source = sourceOf(spec.path, stores);
  const store = openStore(source);
  await using disk = new DiskThreads();
  try {
    return await scanAs<DatasetKind>(spec.kind, spec, { ...others, source, store, notes, disk });
  } finally {
    store.close();
  }
}

/** Where a data set lies, for threads to open. */
export function sourceOf(path: string, settings: StoreSettings = DISK_ONLY): FileSource {
  return { location: isRemote(path) ? path : resolve(path), settings };
}

/** Whether the digest of such data sets covers every byte, so that a copy has to be read whole to be known as one. */
export function digestCoversBytes(kind: DatasetKind): boolean {
  return FORMATS[kind].digestCoversBytes ?? false;
}

/** Kinds whose folders look like one with these entries. */
export function kindsOf(entries: readonly string[]): readonly DatasetKind[] {
  const kinds = (Object.keys(FORMATS) as DatasetKind[]).filter((kind) => FORMATS[kind].recognises(entries));
  const certain = kinds.filter((kind) => FORMATS[kind].isGuess !== true);
  return certain.length > 0 ? certain : kinds;
}

/** What web servers are asked for to know what a location is. */
export const LANDMARKS: readonly string[] = Object.values(FORMATS).flatMap(({ landmarks = [] }) => landmarks);

/** What each kind of folder holds, one line a kind. */
export function layoutLines(): readonly string[] {
  return Object.entries(FORMATS).map(([kind, { layout }]) => `${kind}: ${layout}`);
}

const DISK_ONLY: StoreSettings = { cache: { folder: '', maxBytes: 0 }, s3PathStyle: 'auto', isS3Anonymous: false };

const FORGETFUL: SurveyNotes = {
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  settledBefore: 0,
};

function scanAs<Kind extends DatasetKind>(kind: Kind, spec: SpecOf[Kind], context: ScanContext): Promise<DatasetScan> {
  return FORMATS[kind].scan(spec, context);
}
