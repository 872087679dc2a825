import { RefusedInputError } from '#contracts';
import { StoredObjectChangedError, type StoredObject } from '#stores';
import { mapBounded } from '../map-bounded.js';
import type { Fault, ScanContext, Split } from '../dataset.js';
import type { ScannedUnit, UnitScan } from '../scan/unit-scan.js';
import { withStoredBytes } from '../scan/stored-bytes.js';
import { tarEntries, TarFault } from '../tar/tar-entries.js';
import { partOf } from '../byte-source.js';
import type { Pack, PackedShard } from './pack-files.js';
import { readShardIndex } from './read-pack.js';

/** A shard of a pack with the split that its samples are for; null: they are divided. */
export interface ShardOfPack {
  readonly object: StoredObject;
  readonly split: Split | null;
}

export interface PackScan {
  readonly units: readonly ScannedUnit[];
  readonly faults: readonly Fault[];
}

const BLOCK = 512;

/**
 * Takes what the indexes of a pack say of its shards. Each is checked: the index has the hash that the pack says, the shard has
 * its size, and its first and last image begin where the index says. Cost: an index and two reads of a block a shard.
 */
export async function scanPack(pack: Pack, shards: readonly ShardOfPack[], context: ScanContext): Promise<PackScan> {
  const packed = new Map([...pack.train, ...pack.validation].map((shard) => [shard.path, shard]));
  const faults: Fault[] = [];
  const counts: Record<Split, number> = { train: 0, val: 0 };
  const scanned = await mapBounded(shards, context.concurrency ?? 16, async ({ object, split }) => {
    context.signal?.throwIfAborted();
    try {
      const scan = await scanOf(packed.get(object.path), object, context);
      counts[split ?? 'train'] += scan.samples.files.length;
      context.onProgress?.({ split: split ?? 'train', numSamples: counts[split ?? 'train'] });
      return { split, scan };
    } catch (error) {
      if (!isOfShard(error)) throw error;
      faults.push({ path: object.path, message: error.message });
      return null;
    }
  });
  return { units: scanned.flatMap((unit) => unit ?? []), faults };
}

function isOfShard(error: unknown): error is Error {
  return error instanceof RefusedInputError || error instanceof StoredObjectChangedError || error instanceof TarFault;
}

async function scanOf(
  shard: PackedShard | undefined,
  { path, sizeBytes, version }: StoredObject,
  { store, signal }: ScanContext,
): Promise<UnitScan> {
  if (shard === undefined) throw new RefusedInputError('is none of the shards that pack.json names');
  if (sizeBytes !== shard.sizeBytes) {
    throw new RefusedInputError(`has ${sizeBytes} bytes, was packed with ${shard.sizeBytes}; pack again`);
  }
  const { scan } = await readShardIndex(store, shard, signal);
  const { offsets, lengths } = scan.samples;
  await withStoredBytes({ store, path, expectedVersion: version, signal }, async (source) => {
    for (const at of new Set([0, offsets.length - 1])) {
      const [offset = 0, length = 0] = [offsets[at], lengths[at]];
      const start = offset - BLOCK;
      const { value: entry } = await tarEntries(partOf(source, start, sizeBytes - start)).next();
      if (entry?.offset === BLOCK && entry.sizeBytes === length) continue;
      throw new RefusedInputError(`is not the shard of its index: no image of ${length} bytes at byte ${offset}`);
    }
  });
  return { ...scan, files: [{ path, sizeBytes, version }] };
}
