import type { DatasetSpec } from '#contracts';
import type { Dataset, ScanOptions } from './dataset.js';
import { openDataset } from './open-dataset.js';

/** What the coordinator keeps of a data set; numbers, classes and digest go into the run's plan. */
export interface DatasetInspection extends Pick<Dataset, 'classes' | 'classNames' | 'digest' | 'skipped'> {
  readonly numTrainSamples: number;
  readonly numValidationSamples: number;
}

/** Checks a data set as `openDataset` does, same faults and same cost, and keeps nothing open. */
export async function inspectDataset(spec: DatasetSpec, options: ScanOptions = {}): Promise<DatasetInspection> {
  const { train, validation, ...rest } = await openDataset(spec, options);
  await Promise.all([train.close(), validation.close()]);
  return { numTrainSamples: train.length, numValidationSamples: validation.length, ...rest };
}
