import { hash } from 'node:crypto';
import { UnreadableSampleError } from '../dataset-reader.js';
import type { IndexedReader } from '../indexed-reader.js';
import { mapBounded } from '../map-bounded.js';

/** A validation image that is trained on as well. */
export interface SharedImage {
  readonly validation: string;
  readonly train: string;
  readonly isOfOneClass: boolean;
}

export interface SharedImages {
  /** Validation images of which training has a copy. */
  readonly numImages: number;
  /** Those of them that training has in another class. */
  readonly numOfOtherClass: number;
  /** The first of them. */
  readonly examples: readonly SharedImage[];
}

export interface FindDuplicatesOptions {
  /** Files read at once. Default 16. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  /** Called after every image that is compared. */
  readonly onProgress?: (numCompared: number, numToCompare: number) => void;
}

interface Splits {
  readonly train: IndexedReader;
  readonly validation: IndexedReader;
}

/** So many are named. */
const NUM_EXAMPLES = 20;

/**
 * Finds validation images whose bytes are in training as well. Cost: only images are read that have size and width of one of
 * the other split, each once; 100 bytes of memory for each such validation image.
 */
export async function findDuplicates(splits: Splits, options: FindDuplicatesOptions = {}): Promise<SharedImages> {
  const { train, validation } = splits;
  const inValidation = new Set(Array.from({ length: validation.length }, (_, sample) => keyOf(validation, sample)));
  const alike = samplesOf(train, inValidation);
  const inTrain = new Set(alike.map((sample) => keyOf(train, sample)));
  const compared = samplesOf(validation, inTrain);
  let numCompared = 0;
  const hashed = async (reader: IndexedReader, sample: number): Promise<string | null> => {
    options.signal?.throwIfAborted();
    numCompared += 1;
    options.onProgress?.(numCompared, alike.length + compared.length);
    try {
      return hash('sha256', await reader.read(sample), 'base64');
    } catch (error) {
      // Whoever reads it next says so; here it is no copy of anything.
      if (error instanceof UnreadableSampleError) return null;
      throw error;
    }
  };
  const { concurrency = 16 } = options;
  const copies = new Map<string, number[]>();
  await mapBounded(compared, concurrency, async (sample) => {
    const digest = await hashed(validation, sample);
    if (digest !== null) copies.set(digest, [...(copies.get(digest) ?? []), sample]);
  });
  const shared = new Map<number, number[]>();
  await mapBounded(alike, concurrency, async (sample) => {
    const digest = await hashed(train, sample);
    for (const copy of (digest !== null && copies.get(digest)) || [])
      shared.set(copy, [...(shared.get(copy) ?? []), sample]);
  });
  return describeShared(splits, shared);
}

/** Counts and names validation images, each with the training images that are like it. */
export function describeShared(
  { train, validation }: Splits,
  shared: ReadonlyMap<number, readonly number[]>,
): SharedImages {
  const all = [...shared]
    .toSorted(([a], [b]) => a - b)
    .map(([sample, copies]) => {
      const label = validation.label(sample);
      const sorted = copies.toSorted((a, b) => a - b);
      // A copy in another class is the worse one.
      const other = sorted.find((copy) => train.label(copy) !== label);
      return { sample, copy: other ?? sorted[0] ?? 0, isOfOneClass: other === undefined };
    });
  return {
    numImages: all.length,
    numOfOtherClass: all.filter(({ isOfOneClass }) => !isOfOneClass).length,
    examples: all.slice(0, NUM_EXAMPLES).map(({ sample, copy, isOfOneClass }) => ({
      validation: validation.describe(sample),
      train: train.describe(copy),
      isOfOneClass,
    })),
  };
}

function samplesOf(reader: IndexedReader, keys: ReadonlySet<number>): readonly number[] {
  const samples: number[] = [];
  for (let sample = 0; sample < reader.length; sample += 1) if (keys.has(keyOf(reader, sample))) samples.push(sample);
  return samples;
}

/** Bytes and width in one number: copies have the same. */
function keyOf({ snapshot: { index } }: IndexedReader, sample: number): number {
  return (index.lengths[sample] ?? 0) * 65_536 + (index.widths[sample] ?? 0);
}
