import { RecoverableError, stepsPerEpoch, totalRounds, type TimelineNumbers } from '#contracts';
import type { CacheWatch } from './cache-watch.js';
import type { ImageSides } from './image-sides.js';
import type { Requests } from '#threads';
import type { DecodeAnswers, DecodeRequest } from './decode-messages.js';
import { Foresight, type SampleRounds } from './foresight.js';
import { LaneSampler, type LaneSamples } from './lane-samples.js';
import { mergeParts, type LoadedBatch } from './merge-parts.js';
import type { OrderOf } from './training-order.js';
import { LentMemory } from '#vectors';

/** Training rounds of a lane that are decoded ahead. */
const PREFETCH_ROUNDS = 2;

/** Decodes parts of batches. */
export type DataThread = Requests<DecodeRequest, DecodeAnswers>;

export interface BatchLoaderOptions {
  readonly numbers: TimelineNumbers;
  /** What each epoch trains on. */
  readonly orderOf: OrderOf;
  readonly sides: ImageSides;
  /** Files are fetched before they are read: the first thread is told what will be wanted. */
  readonly isFetched: boolean;
  /** Fail on a sample that cannot be decoded, or leave it out of its batch. */
  readonly unreadable: 'refuse' | 'skip';
  /** Each owns the samples whose number modulo the number of threads is its own, so that caches do not overlap. */
  readonly threads: readonly DataThread[];
  /** Training rounds of a lane decoded ahead of the one asked for. Default 2. */
  readonly prefetchRounds?: number;
  /** Bound on batches decoded ahead, in bytes; one is always allowed. Default 512 MiB. */
  readonly maxPrefetchBytes?: number;
  /** How long a batch may take. Default 120 s. */
  readonly timeoutMs?: number;
  /** Of a data set that is fetched: looks at the cache until the loader is closed. */
  readonly cacheWatch?: CacheWatch | undefined;
  /** Told of every sample left out, the first time it is. */
  readonly onSkipped?: (sample: { readonly path: string; readonly reason: string }) => void;
}

interface Pending {
  readonly round: number;
  readonly lane: number;
  readonly batch: Promise<LoadedBatch>;
  cancel(): void;
}

/**
 * The control side of the data threads: gives lanes their batches and keeps the next ones coming. What a batch holds
 * is a pure function of (order, numbers, lane, round); prefetching, threads and caches change when it is ready, never
 * a byte of it.
 */
export class BatchLoader {
  readonly #sampler: LaneSampler;
  readonly #foresight: Foresight | undefined;
  readonly #ahead = new Map<string, Pending>();
  readonly #reported = new Set<string>();
  readonly #batchBytes: number;
  readonly #prefetchRounds: number;
  readonly #memory: LentMemory;
  #isClosed = false;

  readonly #options: BatchLoaderOptions;

  constructor(options: BatchLoaderOptions) {
    this.#options = options;
    this.#sampler = new LaneSampler(options.numbers, options.orderOf);
    if (options.isFetched) this.#foresight = new Foresight(trainingRounds(this.#sampler, options.numbers));
    this.#batchBytes = options.numbers.laneBatchSize * options.sides.largest ** 2 * 3;
    this.#prefetchRounds = options.prefetchRounds ?? PREFETCH_ROUNDS;
    // Of each lane one that is computed, one that is evaluated and those that are decoded ahead.
    const maxBlocks = (this.#prefetchRounds + 2) * options.numbers.lanes + 2;
    this.#memory = new LentMemory({ blockBytes: this.#batchBytes, maxBlocks });
  }

  /**
   * A lane's batch of a training round; null when the lane has no samples in it. The batch belongs to the caller.
   * Rejects with UnreadableSampleError (`refuse`), RecoverableError (timeout), ThreadEndedError or the signal's reason.
   */
  async load(lane: number, round: number, signal?: AbortSignal): Promise<LoadedBatch | null> {
    const pending = this.#take(lane, round) ?? this.#start(this.#sampler.samples(lane, round), lane);
    // Earlier rounds of the lane that were prefetched and never fetched: it has moved on.
    this.#drop((each) => each.lane === lane && each.round < round);
    this.prefetch(lane, round + 1);
    const batch = await this.#bounded(pending, signal);
    return batch.numSamples > 0 ? batch : null;
  }

  /** Begins to decode `prefetchRounds` training rounds of the lane from `round` on, as far as memory allows. */
  prefetch(lane: number, round: number): void {
    const { numbers, maxPrefetchBytes = 512 * 2 ** 20 } = this.#options;
    const maxBatches = Math.max(1, Math.floor(maxPrefetchBytes / this.#batchBytes));
    const end = totalRounds(numbers);
    for (let next = round, begun = 0; next < end && begun < this.#prefetchRounds; next += 1) {
      if (this.#sampler.kindOf(next) === 'evaluate') continue;
      begun += 1;
      const key = keyOf(lane, next);
      if (this.#isClosed || this.#ahead.has(key)) continue;
      if (this.#ahead.size >= maxBatches) return;
      const pending = this.#start(this.#sampler.samples(lane, next), lane);
      this.#ahead.set(key, pending);
    }
  }

  /** The lane's slice of the validation set in batches of at most laneBatchSize, one decoded ahead. */
  async *evaluation(lane: number, round: number, signal?: AbortSignal): AsyncGenerator<LoadedBatch, void> {
    const whole = this.#sampler.samples(lane, round);
    const size = this.#options.numbers.laneBatchSize;
    let at = 0;
    const startNext = (): Pending | undefined => {
      if (at >= whole.samples.length) return undefined;
      const samples = whole.samples.slice(at, at + size);
      at += size;
      const pending = this.#start({ ...whole, samples }, lane);
      return pending;
    };
    let current = startNext();
    let next: Pending | undefined;
    try {
      while (current) {
        next = startNext();
        const batch = await this.#bounded(current, signal);
        if (batch.numSamples > 0) yield batch;
        current = next;
        next = undefined;
      }
    } finally {
      current?.cancel();
      next?.cancel();
    }
  }

  /** Forgets what was decoded ahead for other lanes. */
  keepLanes(lanes: readonly number[]): void {
    this.#foresight?.keepLanes(lanes);
    this.#drop((pending) => !lanes.includes(pending.lane));
  }

  /** Ends the threads; what is still being waited for rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#drop(() => true);
    await this.#options.cacheWatch?.close();
    await Promise.all(this.#options.threads.map((thread) => thread.close()));
  }

  #take(lane: number, round: number): Pending | undefined {
    const key = keyOf(lane, round);
    const pending = this.#ahead.get(key);
    this.#ahead.delete(key);
    return pending;
  }

  #drop(isUnwanted: (pending: Pending) => boolean): void {
    for (const [key, pending] of this.#ahead) {
      if (!isUnwanted(pending)) continue;
      this.#ahead.delete(key);
      pending.cancel();
    }
  }

  #start({ samples, ...request }: LaneSamples, lane: number): Pending {
    const { threads, sides, unreadable, numbers } = this.#options;
    const numOfSplit = request.split === 'train' ? numbers.numTrainSamples : numbers.numValidationSamples;
    const imageSize = request.split === 'train' ? sides.inTraining(request.epoch) : sides.inValidation;
    const images = this.#memory.take(samples.length * imageSize ** 2 * 3);
    const stop = new AbortController();
    const ownerOf = (draw: number): number => (draw % numOfSplit) % threads.length;
    const parts = threads.flatMap((thread, index) => {
      // A sample is always the same thread's, whose cache may hold it.
      const rows = Uint32Array.from(samples.keys()).filter((row) => ownerOf(samples[row] ?? 0) === index);
      if (rows.length === 0) return [];
      const share = { rows, samples: rows.map((row) => samples[row] ?? 0) };
      const ahead = index === 0 && request.split === 'train' ? this.#foresight?.tell(lane, request.round) : undefined;
      const part = { ...request, kind: 'decode', imageSize, images, ...share, ...(ahead && { ahead }) } as const;
      return [thread.request(part, { signal: stop.signal }).then(({ value }) => ({ part: value, rows }))];
    });
    const batch = Promise.all(parts).then((decoded) => {
      const merged = mergeParts(images, decoded, unreadable);
      this.#reportSkipped(merged);
      return merged;
    });
    // Whoever loads it is told of a failure; what is cancelled was not wanted.
    batch.catch(() => undefined);
    const cancel = (): void => {
      stop.abort();
      // A thread may be writing to it, or an engine reading it.
      this.#memory.forget(images);
    };
    return { lane, round: request.round, batch, cancel };
  }

  #reportSkipped({ skipped }: LoadedBatch): void {
    for (const sample of skipped) {
      if (this.#reported.has(sample.path)) continue;
      this.#reported.add(sample.path);
      this.#options.onSkipped?.(sample);
    }
  }

  /** Waits for a batch no longer than allowed, and cancels it when nobody waits any more. */
  async #bounded(pending: Pending, signal: AbortSignal | undefined): Promise<LoadedBatch> {
    const { timeoutMs = 120_000 } = this.#options;
    signal?.throwIfAborted();
    let stop: (() => void) | undefined;
    const ended = new Promise<never>((_, reject) => {
      const onAbort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      const timer = setTimeout(() => {
        const where = `lane ${pending.lane}, round ${pending.round}`;
        reject(new RecoverableError(`no batch within ${timeoutMs} ms (${where})`));
      }, timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
    });
    try {
      return await Promise.race([pending.batch, ended]);
    } catch (error) {
      pending.cancel();
      throw error;
    } finally {
      stop?.();
    }
  }
}

/** No more than an epoch ahead: the sampler keeps the orders of two. */
function trainingRounds(sampler: LaneSampler, numbers: TimelineNumbers): SampleRounds {
  return {
    numRounds: totalRounds(numbers),
    samplesARound: numbers.laneBatchSize,
    mostRounds: stepsPerEpoch(numbers),
    samples: (lane, round) => sampler.samples(lane, round),
  };
}

function keyOf(lane: number, round: number): string {
  return `${lane}:${round}`;
}
