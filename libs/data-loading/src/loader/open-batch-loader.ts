import { RefusedInputError, type RunPlan } from '#contracts';
import { defaultAugmentation } from '../transforms/crop/augmentation.js';
import { type ImageDecoder } from '../decoders/image-decoder.js';
import { openDataset, orientationOf, unreadablePolicy, type ScanProgress } from '#dataset';
import { BatchLoader, type BatchLoaderOptions, type DataThread } from './batch-loader.js';
import { imageSides } from './image-sides.js';
import { RequestThread, startInTurn } from '#threads';
import type { DataThreadData, DecodeAnswers, DecodeRequest } from './decode-messages.js';

export interface OpenBatchLoaderOptions extends Pick<
  BatchLoaderOptions,
  'prefetchRounds' | 'maxPrefetchBytes' | 'timeoutMs' | 'onSkipped'
> {
  readonly plan: Pick<RunPlan, 'spec' | 'dataset'>;
  /** Side of the network's own input in pixels. */
  readonly imageSize: number;
  /** `tensorflow` where its library is provisioned. */
  readonly decoder: ImageDecoder['kind'];
  /** Data threads. Default 1. */
  readonly numThreads?: number;
  /** Bound on decoded windows kept over epochs, over all threads, in bytes. Default 256 MiB. */
  readonly cacheBytes?: number;
  readonly onProgress?: (progress: ScanProgress) => void;
  readonly signal?: AbortSignal;
}

/** A decoder is loaded within it. */
const START_MS = 60_000;

/**
 * Opens the run's data set, checks that it is the one the coordinator saw, and starts the data threads. Rejects with
 * RefusedInputError when the data set is faulty or another one. Cost: a scan of the whole folder (`openDataset`).
 */
export async function openBatchLoader(options: OpenBatchLoaderOptions): Promise<BatchLoader> {
  const {
    plan,
    imageSize,
    decoder,
    numThreads = 1,
    cacheBytes = 256 * 2 ** 20,
    onProgress,
    signal,
    ...loaderOptions
  } = options;
  const { spec } = plan;
  const opened = await openDataset(spec.dataset, {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  if (opened.digest !== plan.dataset.digest)
    throw anotherDataset(options, opened.digest, opened.train.length, opened.validation.length);

  const threads: DataThread[] = [];
  try {
    for (let started = 0; started < numThreads; started += 1) {
      signal?.throwIfAborted();
      const data: DataThreadData = {
        train: opened.train.snapshot,
        validation: opened.validation.snapshot,
        decoder,
        orientation: orientationOf(spec.dataset),
        augmentation: spec.dataset.augmentation ?? defaultAugmentation(imageSize),
        pixelTransforms: spec.regularization,
        seed: spec.seed,
        cacheBytes: Math.floor(cacheBytes / numThreads),
      };
      const start = { url: new URL('./data-thread.js', import.meta.url), name: 'data', data, startWithinMs: START_MS };
      threads.push(await startInTurn(() => RequestThread.start<DecodeRequest, DecodeAnswers>(start)));
    }
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.close()));
    throw error;
  }
  const { lanes, laneBatchSize, epochs, seed } = spec;
  const { numTrainSamples, numValidationSamples } = plan.dataset;
  return new BatchLoader({
    ...loaderOptions,
    numbers: { numTrainSamples, numValidationSamples, lanes, laneBatchSize, epochs },
    seed,
    sides: imageSides(spec, imageSize),
    unreadable: unreadablePolicy(spec.dataset),
    threads,
  });
}

function anotherDataset(
  { plan }: OpenBatchLoaderOptions,
  digest: string,
  numTrain: number,
  numValidation: number,
): RefusedInputError {
  const { spec, dataset } = plan;
  const expected = `${dataset.numTrainSamples} + ${dataset.numValidationSamples} samples, digest ${dataset.digest.slice(0, 12)}`;
  const found = `${numTrain} + ${numValidation} samples, digest ${digest.slice(0, 12)}`;
  const message = `${spec.dataset.path} here is not the data set of the run: expected ${expected}; found ${found}`;
  return new RefusedInputError(message, [{ path: 'dataset.path', message }]);
}
