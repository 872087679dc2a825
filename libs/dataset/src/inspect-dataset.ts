import type { ImageFolderOptions } from './image-folder/image-folder-options.js';
import { openImageFolder, type ImageFolder } from './image-folder/open-image-folder.js';

/** What the coordinator keeps of a data set; numbers, classes and digest go into the run's plan. */
export interface DatasetInspection {
  readonly numTrainSamples: number;
  readonly numValidationSamples: number;
  readonly classes: readonly string[];
  readonly digest: string;
  readonly skipped: ImageFolder['skipped'];
}

/** Checks a data set as `openImageFolder` does, same faults and same cost, and keeps nothing open. */
export async function inspectDataset(path: string, options: ImageFolderOptions = {}): Promise<DatasetInspection> {
  const { train, validation, classes, digest, skipped } = await openImageFolder(path, options);
  await Promise.all([train.close(), validation.close()]);
  return { numTrainSamples: train.length, numValidationSamples: validation.length, classes, digest, skipped };
}
