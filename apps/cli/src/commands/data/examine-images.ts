import { availableParallelism } from 'node:os';
import type { DatasetSpec } from '#contracts';
import type { IndexedReader, SharedImages } from '#dataset';
import type { UndecodableSample } from '#data-loading';

/** How thoroughly images are looked at beyond their two ends. */
export interface ExamineOptions {
  /** Decode every image. */
  readonly decode: boolean;
  /** Also look for validation images that look like one of training; every image is decoded for it. */
  readonly deep: boolean;
  readonly signal: AbortSignal;
  /** Says how far the work is, whenever it has gone on. */
  readonly show: (words: () => string) => void;
}

/** What bytes and pixels tell of a data set. */
export interface Examination {
  /** Validation images whose bytes are in training as well. */
  readonly duplicates: SharedImages;
  /** Those that look like one of training; null where nobody asked. */
  readonly nearDuplicates: SharedImages | null;
  /** Images that cannot be decoded; null where nobody asked. */
  readonly undecodable: readonly UndecodableSample[] | null;
}

interface Splits {
  readonly train: IndexedReader;
  readonly validation: IndexedReader;
}

/** Compares the images of both splits and, where asked, decodes them as training would. */
export async function examineImages(
  splits: Splits,
  spec: DatasetSpec,
  { decode, deep, signal, show }: ExamineOptions,
): Promise<Examination> {
  const { findDuplicates, orientationOf } = await import('#dataset');
  const duplicates = await findDuplicates(splits, {
    signal,
    onProgress: (done, all) => show(() => `duplicates: ${counted(done)} of ${counted(all)} images of one size read`),
  });
  if (!decode && !deep) return { duplicates, nearDuplicates: null, undecodable: null };

  const { decodeAll, makeDecoder, NearDuplicates } = await import('#data-loading');
  // libvips decodes in Node's threads, several images at once, and takes what TensorFlow takes.
  const decoder = await makeDecoder('portable');
  const near = new NearDuplicates();
  const undecodable: UndecodableSample[] = [];
  for (const split of ['validation', 'train'] as const) {
    const reader = splits[split];
    const failed = await decodeAll(reader, {
      decoder,
      orientation: orientationOf(spec),
      concurrency: availableParallelism() + 2,
      signal,
      onProgress: (done) => show(() => `${split}: ${counted(done)} of ${counted(reader.length)} images decoded`),
      ...(deep && {
        onLook: (sample: number, look: Uint16Array) => {
          if (split === 'validation') near.addValidation(sample, look);
          else near.addTrain(sample, look);
        },
      }),
    });
    undecodable.push(...failed);
  }
  return { duplicates, nearDuplicates: deep ? near.found(splits) : null, undecodable };
}

function counted(value: number): string {
  return value.toLocaleString('en-US');
}
