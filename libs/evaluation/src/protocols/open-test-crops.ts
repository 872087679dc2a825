import { RefusedInputError, type DatasetSpec, type EvaluationProtocol } from '#contracts';
import type { ImageDecoder } from '#data-loading';
import { openDataset, orientationOf, type ScanProgress } from '#dataset';
import { RequestThread, startInTurn } from '#threads';
import type { EvaluatorOptions } from './evaluator.js';
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
  readonly onProgress?: (progress: ScanProgress) => void;
  readonly signal?: AbortSignal;
}

/** A split of a data set that is open for evaluation. */
export interface OpenedTestCrops {
  readonly numSamples: number;
  readonly classes: readonly string[];
  readonly classNames: readonly string[];
  readonly crops: EvaluatorOptions['crops'];
  close(): Promise<void>;
}

/** Opens a data set and starts the threads that decode it. Rejects with RefusedInputError when it is faulty or another one. */
export async function openTestCrops(options: OpenTestCropsOptions): Promise<OpenedTestCrops> {
  const { dataset, split, protocol, decoder, numThreads = 1, digest, onProgress, signal } = options;
  const opened = await openDataset(dataset, { ...(onProgress && { onProgress }), ...(signal && { signal }) });
  if (digest !== undefined && opened.digest !== digest) {
    const message = `${dataset.path} here is not the data set of the evaluation: digest ${opened.digest.slice(0, 12)}, expected ${digest.slice(0, 12)}`;
    throw new RefusedInputError(message, [{ path: 'dataset.path', message }]);
  }
  const reader = split === 'train' ? opened.train : opened.validation;
  const data: TestCropThreadData = { reader: reader.snapshot, decoder, orientation: orientationOf(dataset), protocol };
  const threads: RequestThread<TestCropRequest, TestCropAnswers>[] = [];
  const close = async (): Promise<void> => void (await Promise.all(threads.map((thread) => thread.close())));
  try {
    for (let started = 0; started < numThreads; started += 1) {
      signal?.throwIfAborted();
      const url = new URL('./test-crop-thread.js', import.meta.url);
      threads.push(
        await startInTurn(() => RequestThread.start<TestCropRequest, TestCropAnswers>({ url, name: 'data', data })),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  const leastLoaded = (): RequestThread<TestCropRequest, TestCropAnswers> => {
    const [first, ...others] = threads;
    if (!first) throw new Error('an evaluation needs at least one data thread');
    return others.reduce((best, thread) => (thread.load < best.load ? thread : best), first);
  };
  return {
    numSamples: reader.length,
    classes: opened.classes,
    classNames: opened.classNames,
    crops: async (samples, imageSizes) =>
      (await leastLoaded().request({ kind: 'test-crops', samples, imageSizes })).value,
    close,
  };
}
