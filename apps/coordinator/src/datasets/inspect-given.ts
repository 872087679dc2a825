import { stat } from 'node:fs/promises';
import { RefusedInputError, type DatasetSpec } from '#contracts';
import type { KeptDatasets, ScanOptions } from '#dataset';
import type { InspectedDataset } from './scan-messages.js';

/** Looks at the data set of a spec; every fault says that it is of `dataset.path`, or which file of it. */
export async function inspectGiven(
  kept: KeptDatasets,
  dataset: DatasetSpec,
  options: ScanOptions,
): Promise<InspectedDataset> {
  const { path } = dataset;
  const isFolder = await stat(path)
    .then((found) => found.isDirectory())
    .catch(() => false);
  if (!isFolder) {
    const message = `the coordinator finds no folder ${path}`;
    throw new RefusedInputError(message, [{ path: 'dataset.path', message }]);
  }
  try {
    const { skipped, ...inspected } = await kept.inspect(dataset, options);
    return { ...inspected, numSkipped: skipped.length };
  } catch (error) {
    if (error instanceof RefusedInputError && error.faults.length > 0) throw error;
    // A disk that fails, or a folder that somebody takes away meanwhile.
    const isOfDisk = error instanceof Error && 'syscall' in error;
    if (!(error instanceof RefusedInputError) && !isOfDisk) throw error;
    const { message } = error;
    throw new RefusedInputError(message, [{ path: 'dataset.path', message }], { cause: error });
  }
}
