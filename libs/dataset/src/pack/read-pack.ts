import { RefusedInputError } from '#contracts';
import type { Store } from '#stores';
import { readSmall } from '../scan/read-text.js';
import {
  indexPath,
  PACK_FILE,
  packSchema,
  parseAs,
  sha256,
  shardIndexSchema,
  type Pack,
  type PackedShard,
  type ShardIndex,
} from './pack-files.js';

/** A million samples of a shard; shards have some ten thousand. */
const MAX_INDEX_BYTES = 256 * 2 ** 20;

/** What a location says that it holds; null where it is no pack. Rejects with RefusedInputError where that is damaged. */
export async function readPack(store: Store, signal?: AbortSignal): Promise<Pack | null> {
  const bytes = await readSmall(store, PACK_FILE, signal);
  if (bytes === null) return null;
  const pack = parseAs(packSchema, new TextDecoder().decode(bytes));
  if (pack === null) throw new RefusedInputError(`${PACK_FILE} is damaged or of another version; pack again`);
  return pack;
}

/** The index of a shard, known to be the one that was written with it. Rejects with RefusedInputError where it is not. */
export async function readShardIndex(store: Store, shard: PackedShard, signal?: AbortSignal): Promise<ShardIndex> {
  const path = indexPath(shard.path);
  const bytes = await readSmall(store, path, signal, MAX_INDEX_BYTES);
  if (bytes === null) throw new RefusedInputError(`its index ${path} is missing; pack again`);
  const isTheOne = sha256(bytes) === shard.indexSha256;
  const index = isTheOne ? parseAs(shardIndexSchema, new TextDecoder().decode(bytes)) : null;
  if (index === null) throw new RefusedInputError(`its index ${path} is damaged; pack again`);
  return index;
}
