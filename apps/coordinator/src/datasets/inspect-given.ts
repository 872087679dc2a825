import { stat } from 'node:fs/promises';
import { isRemote, RecoverableError, RefusedInputError, type DatasetKind, type DatasetSpec } from '#contracts';
import { StoreAccessError, StoredObjectChangedError } from '#stores';
import type { KeptDatasets, ScanOptions } from '#dataset';
import type { InspectedDataset } from './scan-messages.js';

/** Kinds whose path is a folder and nothing else. */
const FOLDER_KINDS: ReadonlySet<DatasetKind> = new Set(['image-folder', 'cifar10', 'cifar100']);

/** So many unreadable files are told of by name. */
const NAMED_BROKEN = 100;

/** Looks at the data set of a spec; every fault says that it is of `dataset.path`, or which file of it. */
export async function inspectGiven(
  kept: KeptDatasets,
  dataset: DatasetSpec,
  options: ScanOptions,
): Promise<InspectedDataset> {
  const { path } = dataset;
  if (FOLDER_KINDS.has(dataset.kind) && !isRemote(path) && !(await isFolder(path))) {
    const message = `the coordinator finds no folder ${path}`;
    throw new RefusedInputError(message, [{ path: 'dataset.path', message }]);
  }
  try {
    const { skipped, broken, ...inspected } = await kept.inspect(dataset, options);
    const named = broken.slice(0, NAMED_BROKEN);
    return { ...inspected, broken: named, numBroken: broken.length, numSkipped: skipped.length };
  } catch (error) {
    if (error instanceof RefusedInputError && error.faults.length > 0) throw error;
    if (!(error instanceof Error) || !isOfPlace(error)) throw error;
    const { message } = error;
    throw new RefusedInputError(message, [{ path: 'dataset.path', message }], { cause: error });
  }
}

/** A disk or a store that fails, or a folder that somebody takes away meanwhile. */
function isOfPlace(error: Error): boolean {
  if (error instanceof RefusedInputError || error instanceof RecoverableError) return true;
  return error instanceof StoreAccessError || error instanceof StoredObjectChangedError || 'syscall' in error;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
