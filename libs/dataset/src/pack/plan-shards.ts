import type { Dataset, Split } from '../dataset.js';
import { epochOrder } from '../order/epoch-order.js';
import type { IndexedReader } from '../indexed-reader.js';
import type { Shrink } from './pack-files.js';

/** A shard that is to be: which samples lie in it, in which order. */
export interface PlannedShard {
  readonly path: string;
  readonly split: Split;
  readonly samples: Uint32Array;
  /** Place of the first sample in its split: it is called by it. */
  readonly first: number;
}

export interface ShardPlanOptions {
  readonly seed: number;
  readonly shardBytes: number;
  readonly shrink: Shrink | null;
}

/**
 * Divides both splits into shards of about one size: training images in an order by the seed, so that neighbours are of all
 * classes, validation images as they lie. The sizes of images that become smaller are estimated by their sides.
 */
export function planShards(
  { train, validation }: Pick<Dataset, 'train' | 'validation'>,
  options: ShardPlanOptions,
): readonly PlannedShard[] {
  const asTheyLie = Uint32Array.from({ length: validation.length }, (_, sample) => sample);
  return [
    ...shardsOf('train', train, { ...options, order: epochOrder(options.seed, 0, train.length) }),
    ...shardsOf('val', validation, { ...options, order: asTheyLie }),
  ];
}

function shardsOf(
  split: Split,
  reader: IndexedReader,
  { order, shardBytes, shrink }: ShardPlanOptions & { readonly order: Uint32Array },
): readonly PlannedShard[] {
  const shards: PlannedShard[] = [];
  let [first, bytes] = [0, 0];
  const end = (at: number): void => {
    const path = `${split}-${String(shards.length).padStart(5, '0')}.tar`;
    shards.push({ path, split, samples: order.subarray(first, at), first });
    [first, bytes] = [at, 0];
  };
  for (const [at, sample] of order.entries()) {
    const size = sizeInTar(reader, sample, shrink);
    if (at > first && bytes + size > shardBytes) end(at);
    bytes += size;
  }
  if (order.length > first) end(order.length);
  return shards;
}

const BLOCK = 512;

/** Two headers, a label and the image, in whole blocks. */
function sizeInTar({ snapshot: { index } }: IndexedReader, sample: number, shrink: Shrink | null): number {
  const shorter = Math.min(index.widths[sample] ?? 0, index.heights[sample] ?? 0);
  const ratio = shrink === null || shorter <= shrink.shorterSide ? 1 : (shrink.shorterSide / shorter) ** 2;
  return 3 * BLOCK + Math.ceil(((index.lengths[sample] ?? 0) * ratio) / BLOCK) * BLOCK;
}
