import type { DatasetKind } from '../run-spec/dataset.schema.js';

/** What the files of a data set are called that lie in a shard cache. */
export const FILES_OF_KIND: Readonly<Record<DatasetKind, readonly [one: string, many: string]>> = {
  'image-folder': ['file', 'files'],
  manifest: ['file', 'files'],
  imagenet: ['file', 'files'],
  webdataset: ['shard', 'shards'],
  parquet: ['row group', 'row groups'],
  cifar10: ['file', 'files'],
  cifar100: ['file', 'files'],
};
