import type { RunPlan, ShardCacheState } from '#contracts';
import { defaultAugmentation } from '../transforms/crop/augmentation.js';
import { type ImageDecoder } from '../decoders/image-decoder.js';
import {
  fetchedFilesOf,
  openKnownDataset,
  orientationOf,
  unreadablePolicy,
  type IndexAccess,
  type ScanProgress,
} from '#dataset';
import { BatchLoader, type BatchLoaderOptions, type DataThread } from './batch-loader.js';
import { CacheWatch } from './cache-watch.js';
import { imageSides } from './image-sides.js';
import { CacheCounts, type StoreSettings } from '#stores';
import { trainingOrder } from './training-order.js';
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
  /** Where the index of the data set comes from. Default: the data set is looked at. */
  readonly indexes?: IndexAccess | undefined;
  /** How this host reaches stores. Default: data sets on disk alone. */
  readonly stores?: StoreSettings | undefined;
  /** Where this host has the data set. Default: where the spec says. */
  readonly path?: string | undefined;
  readonly onProgress?: (progress: ScanProgress) => void;
  /** Told how much of a data set that is fetched is in this host's shard cache, every two seconds or more. */
  readonly onCache?: (state: ShardCacheState) => void;
  readonly signal?: AbortSignal;
}

/** A decoder is loaded within it. */
const START_MS = 60_000;

/**
 * Opens the run's data set, checks that it is the one the coordinator saw, and starts the data threads. Rejects with
 * RefusedInputError when the data set is faulty or another one. Cost: `openKnownDataset`.
 */
export async function openBatchLoader(options: OpenBatchLoaderOptions): Promise<BatchLoader> {
  const {
    plan,
    imageSize,
    decoder,
    numThreads = 1,
    cacheBytes = 256 * 2 ** 20,
    indexes,
    stores,
    path,
    onProgress,
    onCache,
    signal,
    ...loaderOptions
  } = options;
  const { spec } = plan;
  const opened = await openKnownDataset(spec.dataset, {
    digest: plan.dataset.digest,
    indexes,
    path,
    ...(stores && { stores }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });

  const splits = { train: opened.train.snapshot, validation: opened.validation.snapshot };
  const counts = new CacheCounts();
  const threads: DataThread[] = [];
  try {
    for (let started = 0; started < numThreads; started += 1) {
      signal?.throwIfAborted();
      const data: DataThreadData = {
        ...splits,
        decoder,
        orientation: orientationOf(spec.dataset),
        augmentation: spec.dataset.augmentation ?? defaultAugmentation(imageSize),
        pixelTransforms: spec.regularization,
        seed: spec.seed,
        cacheBytes: Math.floor(cacheBytes / numThreads),
        cacheCounts: counts.memory,
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
  const { isFetched } = opened.train;
  const { source } = splits.train;
  const files = fetchedFilesOf(splits);
  const cacheWatch =
    isFetched && onCache !== undefined ? new CacheWatch({ source, files, counts, onLook: onCache }) : undefined;
  const numbers = { numTrainSamples, numValidationSamples, lanes, laneBatchSize, epochs };
  return new BatchLoader({
    ...loaderOptions,
    numbers,
    orderOf: trainingOrder(spec.dataset, { numbers, seed, index: splits.train.index }),
    sides: imageSides(spec, imageSize),
    isFetched,
    cacheWatch,
    unreadable: unreadablePolicy(spec.dataset),
    threads,
  });
}
