import type { DatasetSpec, EvaluationProtocol } from '#contracts';
import type { ImageDecoder } from '#data-loading';
import { openDataset, openKnownDataset, orientationOf, type IndexAccess, type ScanProgress } from '#dataset';
import type { StoreSettings } from '#stores';
import { RequestThread, startInTurn } from '#threads';
import { TestCropLoader, type TestCropThread } from './test-crop-loader.js';
import type { TestCropAnswers, TestCropRequest, TestCropThreadData } from './test-crop-messages.js';

export interface OpenTestCropsOptions {
  readonly dataset: DatasetSpec;
  readonly split: 'train' | 'val';
  readonly protocol: EvaluationProtocol;
  readonly decoder: ImageDecoder['kind'];
  /** Default 1. */
  readonly numThreads?: number;
  /** The data set the evaluation is of; another one is refused. */
  readonly digest?: string;
  /** Where the index of that data set comes from. Default: the data set is looked at. */
  readonly indexes?: IndexAccess | undefined;
  /** How this host reaches stores. Default: data sets on disk alone. */
  readonly stores?: StoreSettings | undefined;
  /** Where this host has the data set. Default: where the spec says. */
  readonly path?: string | undefined;
  readonly onProgress?: (progress: ScanProgress) => void;
  readonly signal?: AbortSignal;
}

/** A split of a data set that is open for evaluation. */
export interface OpenedTestCrops {
  readonly numSamples: number;
  readonly classes: readonly string[];
  readonly classNames: readonly string[];
  readonly crops: TestCropLoader;
}

/** Opens a data set and starts the threads that decode it. Rejects with RefusedInputError when it is faulty or another one. */
export async function openTestCrops(options: OpenTestCropsOptions): Promise<OpenedTestCrops> {
  const {
    dataset,
    split,
    protocol,
    decoder,
    numThreads = 1,
    digest,
    indexes,
    stores,
    path,
    onProgress,
    signal,
  } = options;
  const scanning = { ...(stores && { stores }), ...(onProgress && { onProgress }), ...(signal && { signal }) };
  const opened =
    digest === undefined
      ? await openDataset(dataset, scanning)
      : await openKnownDataset(dataset, { ...scanning, digest, indexes, path });
  const reader = split === 'train' ? opened.train : opened.validation;
  const data: TestCropThreadData = { reader: reader.snapshot, decoder, orientation: orientationOf(dataset), protocol };
  const threads: TestCropThread[] = [];
  const crops = new TestCropLoader({ threads, split, isFetched: reader.isFetched });
  try {
    for (let started = 0; started < numThreads; started += 1) {
      signal?.throwIfAborted();
      const url = new URL('./test-crop-thread.js', import.meta.url);
      threads.push(
        await startInTurn(() => RequestThread.start<TestCropRequest, TestCropAnswers>({ url, name: 'data', data })),
      );
    }
  } catch (error) {
    await crops.close();
    throw error;
  }
  return { numSamples: reader.length, classes: opened.classes, classNames: opened.classNames, crops };
}
