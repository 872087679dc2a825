import { resolve } from 'node:path';
import { isRemote, type DatasetSpec } from '#contracts';

/** Workers may have another working folder than the coordinator. Throws RefusedInputError for an address that cannot be read. */
export function absoluteDataset<Dataset extends Pick<DatasetSpec, 'path'>>(dataset: Dataset): Dataset {
  return { ...dataset, path: isRemote(dataset.path) ? dataset.path : resolve(dataset.path) };
}
