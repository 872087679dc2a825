import { UnreadableSampleError, type DatasetReader } from '#dataset';
import { decodeSample, type SampleSource } from '../decode-sample.js';
import { windowOf } from '../pixel-image.js';
import { lookHash } from './look-hash.js';

export interface DecodeAllOptions extends Omit<SampleSource, 'reader'> {
  /** Images under way at once. */
  readonly concurrency: number;
  readonly signal?: AbortSignal;
  /** Called after every image. */
  readonly onProgress?: (numDecoded: number) => void;
  /** Receives what each image looks like in which anything can be recognised. */
  readonly onLook?: (sample: number, look: Uint16Array) => void;
}

/** A sample that cannot be decoded. */
export interface UndecodableSample {
  readonly path: string;
  readonly message: string;
}

/** Decodes every sample of a split whole, as training would, and names those that cannot be. */
export async function decodeAll(
  reader: DatasetReader,
  options: DecodeAllOptions,
): Promise<readonly UndecodableSample[]> {
  const source = { ...options, reader };
  const failed: { readonly sample: number; readonly message: string }[] = [];
  let [next, numDecoded] = [0, 0];
  const lane = async (): Promise<void> => {
    while (next < reader.length) {
      const sample = next;
      next += 1;
      options.signal?.throwIfAborted();
      try {
        const look = await decodeSample(source, sample, {
          async use(image) {
            const window = { x: 0, y: 0, width: image.width, height: image.height };
            const region = await image.region(window);
            return options.onLook && lookHash(windowOf(region, window));
          },
        });
        if (look) options.onLook?.(sample, look);
      } catch (error) {
        // A store that refuses, or cannot be reached, says nothing of an image.
        if (!(error instanceof UnreadableSampleError)) throw error;
        failed.push({ sample, message: error.reason });
      }
      numDecoded += 1;
      options.onProgress?.(numDecoded);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, lane));
  return failed
    .toSorted((a, b) => a.sample - b.sample)
    .map(({ sample, message }) => ({ path: reader.describe(sample), message }));
}
