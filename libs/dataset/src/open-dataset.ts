import type { DatasetSpec, Orientation } from '#contracts';
import { brokenFileFaults, datasetRefusal } from './dataset-refusal.js';
import { scanDataset } from './dataset-formats.js';
import type { Dataset, ScanOptions } from './dataset.js';

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
  const { train, validation, classes, classNames, digest, broken, faults } = await scanDataset(spec, options);
  const isRefusing = unreadablePolicy(spec) === 'refuse';
  const all = [...faults, ...(isRefusing ? brokenFileFaults(broken) : [])];
  if (all.length > 0 || train === null || validation === null) throw datasetRefusal(spec.path, all);
  const skipped = broken.map(({ path, message }) => ({ path, reason: message }));
  return { train, validation, classes, classNames, digest, skipped };
}
