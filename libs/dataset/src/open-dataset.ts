import type { DatasetSpec, Orientation } from '#contracts';
import { brokenFileFaults, datasetRefusal } from './dataset-refusal.js';
import { scanDataset } from './dataset-formats.js';
import type { Dataset, DatasetScan, ScanOptions } from './dataset.js';

/** What a run does with a sample that cannot be read; only where each sample is an image file may it be left out. */
export function unreadablePolicy(spec: DatasetSpec): 'refuse' | 'skip' {
  return 'unreadable' in spec ? spec.unreadable : 'refuse';
}

/** How a data set's images are seen; only files say by EXIF how they are to be turned. */
export function orientationOf(spec: DatasetSpec): Orientation {
  return 'orientation' in spec ? spec.orientation : 'as-stored';
}

/**
 * Opens a data set of any kind. Cost: all of it is looked at once, images at both ends, records whole.
 * Rejects with RefusedInputError naming every fault found.
 */
export async function openDataset(spec: DatasetSpec, options: ScanOptions = {}): Promise<Dataset> {
  const scan = await scanDataset(spec, options);
  const { train, validation, classes, classNames, digest } = scan;
  const skipped = skippedOf(spec, scan);
  if (train === null || validation === null) throw datasetRefusal(spec.path, scan.faults);
  return { train, validation, classes, classNames, digest, skipped };
}

/** What a run leaves out. Throws RefusedInputError naming every fault where the data set is not fit for it. */
export function skippedOf(
  spec: DatasetSpec,
  { faults, broken }: Pick<DatasetScan, 'faults' | 'broken'>,
): Dataset['skipped'] {
  const isRefusing = unreadablePolicy(spec) === 'refuse';
  const all = [...faults, ...(isRefusing ? brokenFileFaults(broken) : [])];
  if (all.length > 0) throw datasetRefusal(spec.path, all);
  return broken.map(({ path, message }) => ({ path, reason: message }));
}
