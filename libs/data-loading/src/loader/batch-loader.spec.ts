import { describe, expect, it } from '@jest/globals';
import { RecoverableError, stepsPerEpoch, type TimelineNumbers } from '#contracts';
import type { ImageDecoder } from '../decoders/image-decoder.js';
import { epochOrder, UnreadableSampleError, type DatasetReader } from '#dataset';
import type { ImageSides } from './image-sides.js';
import { ThreadEndedError } from '#threads';
import { RequestsInProcess } from '#threads/testing';
import { BatchLoader, type BatchLoaderOptions } from './batch-loader.js';
import { decodeService } from './decode-service.js';
import type { DecodeAnswers, DecodeRequest } from './decode-messages.js';
import { SampleDecoder } from './sample-decoder.js';
import { WindowCache } from './window-cache.js';

const IMAGE_SIZE = 2;
const NUMBERS: TimelineNumbers = {
  numTrainSamples: 50,
  numValidationSamples: 23,
  lanes: 3,
  laneBatchSize: 4,
  epochs: 3,
};
/** A grey JPEG header of 2 x 2 pixels; the fake decoder looks at the byte appended to it. */
const HEADER = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 2, 0, 2, 1, 1, 0x11, 0];
const UNREADABLE = 13;
const SAME_SIDES: ImageSides = { inTraining: () => IMAGE_SIZE, inValidation: IMAGE_SIZE, largest: IMAGE_SIZE };

function fakeReader(length: number): DatasetReader {
  return {
    length,
    classes: ['even', 'odd'],
    encoding: { kind: 'file' },
    label: (sample) => sample % 2,
    orientation: () => 0,
    describe: (sample) => `file-${sample}`,
    filesOf: () => [],
    read: (sample) => Promise.resolve(Uint8Array.from([...HEADER, sample])),
    readAnew: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

/** Paints a window with its sample's number. */
function fakeDecoder(seen: number[]): ImageDecoder {
  return {
    kind: 'portable',
    decodeWindow({ bytes }, window) {
      const sample = bytes[HEADER.length] ?? 0;
      seen.push(sample);
      if (sample === UNREADABLE) throw new Error('damaged');
      return { ...window, pixels: new Uint8Array(window.width * window.height * 3).fill(sample) };
    },
  };
}

/** A data thread without a thread. */
class FakeThread extends RequestsInProcess<DecodeRequest, DecodeAnswers> {
  /** Samples decoded, in order. */
  readonly seen: readonly number[];

  constructor(cacheBytes = 0) {
    const seen: number[] = [];
    const decoder = fakeDecoder(seen);
    const sampleDecoder = (length: number): SampleDecoder =>
      new SampleDecoder({
        reader: fakeReader(length),
        decoder,
        orientation: 'upright',
        augmentation: 'none',
        pixelTransforms: {},
        seed: 1,
        cache: new WindowCache(cacheBytes),
      });
    super(
      decodeService(
        {
          train: sampleDecoder(NUMBERS.numTrainSamples),
          validation: sampleDecoder(NUMBERS.numValidationSamples),
        },
        { prefetch: () => undefined },
      ),
    );
    this.seen = seen;
  }
}

const fakeThread = (cacheBytes?: number): FakeThread => new FakeThread(cacheBytes);

function loaderOf(options: Partial<BatchLoaderOptions> = {}): BatchLoader {
  const threads = options.threads ?? [fakeThread()];
  const { numTrainSamples } = options.numbers ?? NUMBERS;
  const orderOf = (epoch: number): Uint32Array => epochOrder(1, epoch, numTrainSamples);
  return new BatchLoader({
    numbers: NUMBERS,
    orderOf,
    sides: SAME_SIDES,
    isFetched: false,
    unreadable: 'skip',
    ...options,
    threads,
  });
}

const pixelsOf = (images: Uint8Array): number[] =>
  [...images].filter((_, at) => at % (IMAGE_SIZE * IMAGE_SIZE * 3) === 0);

async function epochOf(loader: BatchLoader, epoch: number): Promise<number[]> {
  const samples: number[] = [];
  const steps = stepsPerEpoch(NUMBERS);
  for (let step = 0; step < steps; step += 1) {
    for (let lane = 0; lane < NUMBERS.lanes; lane += 1) {
      const batch = await loader.load(lane, epoch * (steps + 1) + step);
      if (batch) samples.push(...pixelsOf(batch.images));
    }
  }
  return samples;
}

describe('BatchLoader', () => {
  it('gives the lanes every training sample once an epoch, with its label', async () => {
    const loader = loaderOf();
    const samples = await epochOf(loader, 0);
    const expected = [...Array(NUMBERS.numTrainSamples).keys()].filter((sample) => sample !== UNREADABLE);
    expect(samples.toSorted((a, b) => a - b)).toEqual(expected);
    const batch = await loader.load(1, 0);
    expect([...(batch?.labels ?? [])]).toEqual(pixelsOf(batch?.images ?? new Uint8Array()).map((sample) => sample % 2));
    await loader.close();
  });

  it('gives the same batches with any number of threads, caches and depth, in any order', async () => {
    const plain = loaderOf({ prefetchRounds: 0 });
    const other = loaderOf({ threads: [fakeThread(1e6), fakeThread(100), fakeThread()], prefetchRounds: 5 });
    for (const round of [7, 3, 4, 0, 9]) {
      for (const lane of [2, 0, 1]) {
        const [a, b] = await Promise.all([plain.load(lane, round), other.load(lane, round)]);
        expect(b?.images).toEqual(a?.images);
        expect(b?.labels).toEqual(a?.labels);
      }
    }
    await Promise.all([plain.close(), other.close()]);
  });

  it('decodes ahead what it will be asked for, and only once', async () => {
    const thread = fakeThread();
    const loader = loaderOf({ threads: [thread], prefetchRounds: 2 });
    await loader.load(2, 0);
    loader.prefetch(2, 1);
    await loader.load(2, 1);
    await loader.load(2, 2);
    // Two training rounds beyond the last one asked for.
    expect(thread.requests.map(({ round }) => round)).toEqual([0, 1, 2, 3, 4]);
    expect(thread.numCancelled).toBe(0);
    await loader.close();
  });

  it('bounds what is decoded ahead, and drops it for lanes that left', async () => {
    const thread = fakeThread();
    const batchBytes = NUMBERS.laneBatchSize * IMAGE_SIZE * IMAGE_SIZE * 3;
    const loader = loaderOf({ threads: [thread], prefetchRounds: 10, maxPrefetchBytes: 3 * batchBytes });
    loader.prefetch(0, 0);
    expect(thread.requests).toHaveLength(3);
    loader.keepLanes([1, 2]);
    expect(thread.numCancelled).toBe(3);
    loader.prefetch(1, 0);
    expect(thread.requests).toHaveLength(6);
    await loader.close();
  });

  it('gives the lanes the validation set once, in batches of at most laneBatchSize', async () => {
    const loader = loaderOf({ unreadable: 'skip' });
    const samples: number[] = [];
    for (let lane = 0; lane < NUMBERS.lanes; lane += 1) {
      for await (const batch of loader.evaluation(lane, stepsPerEpoch(NUMBERS))) {
        expect(batch.numSamples).toBeLessThanOrEqual(NUMBERS.laneBatchSize);
        samples.push(...pixelsOf(batch.images));
      }
    }
    expect(samples).toEqual([...Array(NUMBERS.numValidationSamples).keys()].filter((sample) => sample !== UNREADABLE));
    await loader.close();
  });

  it('names the file of an unreadable sample: refuses it, or reports it once and leaves it out', async () => {
    const refusing = loaderOf({ unreadable: 'refuse' });
    await expect(epochOf(refusing, 0)).rejects.toThrow(UnreadableSampleError);
    await expect(epochOf(refusing, 0)).rejects.toThrow(`file-${UNREADABLE}: damaged`);
    const skipped: unknown[] = [];
    const skipping = loaderOf({ onSkipped: (sample) => skipped.push(sample) });
    await epochOf(skipping, 0);
    await epochOf(skipping, 1);
    expect(skipped).toEqual([{ path: `file-${UNREADABLE}`, reason: 'damaged' }]);
    await Promise.all([refusing.close(), skipping.close()]);
  });

  it('decodes a sample once over all epochs where the cache has room', async () => {
    const thread = fakeThread(1e6);
    const loader = loaderOf({ threads: [thread] });
    const first = await epochOf(loader, 0);
    const second = await epochOf(loader, 1);
    expect(second.toSorted((a, b) => a - b)).toEqual(first.toSorted((a, b) => a - b));
    expect(new Set(thread.seen.filter((sample) => sample !== UNREADABLE)).size).toBe(first.length);
    expect(thread.seen.filter((sample) => sample !== UNREADABLE)).toHaveLength(first.length);
    await loader.close();
  });

  it('gives each epoch and the validation pixels of their own side, whatever is decoded ahead or cached', async () => {
    const sides: ImageSides = { inTraining: (epoch) => 2 + epoch, inValidation: 5, largest: 5 };
    const loader = loaderOf({ sides, threads: [fakeThread(1e6), fakeThread(1e6)], prefetchRounds: 5 });
    const bytesOf = (side: number): number => side * side * 3;
    const rounds = stepsPerEpoch(NUMBERS) + 1;
    for (const round of [0, 3, rounds - 2, rounds, 2 * rounds, rounds, 0]) {
      const batch = await loader.load(1, round);
      const side = 2 + Math.floor(round / rounds);
      expect([round, (batch?.images.length ?? 0) / (batch?.numSamples ?? 1)]).toEqual([round, bytesOf(side)]);
    }
    for await (const { images, numSamples } of loader.evaluation(0, rounds - 1)) {
      expect(images.length / numSamples).toBe(bytesOf(5));
    }
    await loader.close();
  });

  it('gives a sample that is drawn twice to one thread, with its own label', async () => {
    const { numTrainSamples } = NUMBERS;
    // Sample 3 at every position, as looks 0 to 49.
    const orderOf = (): Uint32Array =>
      Uint32Array.from({ length: numTrainSamples }, (_, at) => 3 + at * numTrainSamples);
    const threads = [fakeThread(1e6), fakeThread(1e6), fakeThread(1e6)];
    const loader = loaderOf({ orderOf, threads });
    expect(new Set(await epochOf(loader, 0))).toEqual(new Set([3]));
    expect([...((await loader.load(1, 0))?.labels ?? [])]).toEqual([1, 1, 1, 1]);
    expect(threads.map(({ seen }) => new Set(seen).size)).toEqual([1, 0, 0]);
    await loader.close();
  });

  it('tells the first thread what will be wanted where files are fetched, and nobody elsewhere', async () => {
    const told = async (isFetched: boolean): Promise<boolean[]> => {
      const threads = [fakeThread(), fakeThread()];
      const loader = loaderOf({ threads, isFetched });
      await loader.load(0, 0);
      await loader.close();
      return threads.map(({ requests }) => requests.some(({ ahead }) => ahead !== undefined));
    };
    expect(await told(true)).toEqual([true, false]);
    expect(await told(false)).toEqual([false, false]);
  });

  it('gives null to a lane without samples in a round', async () => {
    const numbers = { ...NUMBERS, numTrainSamples: 2 };
    const loader = loaderOf({ numbers });
    expect(await loader.load(0, 0)).toBeNull();
    expect(await loader.load(1, 0)).not.toBeNull();
    await loader.close();
  });

  it('rejects when a batch takes too long, when it is aborted and when the thread ends', async () => {
    const silent = (): RequestsInProcess<DecodeRequest, DecodeAnswers> =>
      new RequestsInProcess({ answer: () => new Promise(() => undefined) });
    const slow = silent();
    const slowLoader = loaderOf({ threads: [slow], timeoutMs: 1, prefetchRounds: 0 });
    await expect(slowLoader.load(0, 0)).rejects.toThrow(/no batch within 1 ms \(lane 0, round 0\)/);
    await expect(slowLoader.load(0, 0)).rejects.toThrow(RecoverableError);
    expect(slow.numCancelled).toBe(2);
    await expect(loaderOf({ threads: [silent()] }).load(0, 0, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    const lost = silent();
    const waiting = loaderOf({ threads: [lost] }).load(0, 0);
    await lost.close();
    await expect(waiting).rejects.toThrow(ThreadEndedError);
    await expect(loaderOf({ threads: [lost] }).load(0, 0)).rejects.toThrow(ThreadEndedError);
  });
});
