import type { DatasetKind, DatasetSpec } from '#contracts';
import { cifar10, cifar100 } from './cifar/cifar-formats.js';
import type { DatasetFormat, DatasetScan, ScanOptions } from './dataset.js';
import { imageFolder } from './image-folder/image-folder-format.js';

type SpecOf = { readonly [Spec in DatasetSpec as Spec['kind']]: Spec };

/** All formats of data sets; a new one is a file and a line. */
const FORMATS: { readonly [Kind in DatasetKind]: DatasetFormat<SpecOf[Kind]> } = {
  'image-folder': imageFolder,
  cifar10,
  cifar100,
};

/** Scans a data set in its format. */
export function scanDataset(spec: DatasetSpec, options: ScanOptions): Promise<DatasetScan> {
  return scanAs<DatasetKind>(spec.kind, spec, options);
}

/** Kinds whose folders look like one with these entries. */
export function kindsOf(entries: readonly string[]): readonly DatasetKind[] {
  return (Object.keys(FORMATS) as DatasetKind[]).filter((kind) => FORMATS[kind].recognises(entries));
}

/** What each kind of folder holds, one line a kind. */
export function layoutLines(): readonly string[] {
  return Object.entries(FORMATS).map(([kind, { layout }]) => `${kind}: ${layout}`);
}

function scanAs<Kind extends DatasetKind>(kind: Kind, spec: SpecOf[Kind], options: ScanOptions): Promise<DatasetScan> {
  return FORMATS[kind].scan(spec, options);
}
