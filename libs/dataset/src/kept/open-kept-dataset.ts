import type { DatasetSpec } from '#contracts';
import type { StoreSettings } from '#stores';
import { sourceOf } from '../dataset-formats.js';
import type { Dataset } from '../dataset.js';
import { readersOf } from './dataset-index.js';
import { readIndexFile } from './index-file.js';
import { findIndexFile } from './kept-datasets.js';

/**
 * Opens a data set by the index that was kept of it, where it was surveyed; null where none is kept. Cost: reading the index. No
 * file is looked at before it is read.
 */
export async function openKeptDataset(
  keptFolder: string,
  spec: DatasetSpec,
  { digest, stores }: { readonly digest: string; readonly stores?: StoreSettings },
): Promise<Pick<Dataset, 'train' | 'validation'> | null> {
  const path = await findIndexFile(keptFolder, spec, digest);
  const index = path && (await readIndexFile(path));
  if (!index) return null;
  const source = sourceOf(spec.path, stores);
  return readersOf(index, index.location === null ? source : { ...source, location: index.location });
}
