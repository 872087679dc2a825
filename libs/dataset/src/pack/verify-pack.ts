import { createHash } from 'node:crypto';
import { RefusedInputError } from '#contracts';
import { openStore, StoredObjectChangedError, type Store } from '#stores';
import type { Fault } from '../dataset.js';
import { sourceOf } from '../dataset-formats.js';
import { UnitRecorder } from '../scan/unit-scan.js';
import { scanShard } from '../webdataset/scan-shard.js';
import { readPack, readShardIndex } from './read-pack.js';
import type { Pack, PackedShard } from './pack-files.js';

export interface VerifyPackOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly numShards: number; readonly numAll: number }) => void;
}

/**
 * Reads every shard of a pack: its SHA-256, and what a walk through the tar finds against its index. Gives what is wrong, by
 * shard.
 */
export async function verifyPack(folder: string, { signal, onProgress }: VerifyPackOptions): Promise<readonly Fault[]> {
  const store = openStore(sourceOf(folder));
  try {
    const pack = await readPack(store, signal);
    if (pack === null) throw new RefusedInputError(`${folder} is no finished pack`);
    const shards = [...pack.train, ...pack.validation];
    const faults: Fault[] = [];
    for (const [at, shard] of shards.entries()) {
      signal.throwIfAborted();
      const message = await faultOf(store, pack, shard, signal);
      if (message !== null) faults.push({ path: shard.path, message });
      onProgress?.({ numShards: at + 1, numAll: shards.length });
    }
    return faults;
  } finally {
    store.close();
  }
}

async function faultOf(store: Store, pack: Pack, shard: PackedShard, signal: AbortSignal): Promise<string | null> {
  try {
    const object = await store.stat(shard.path, { signal });
    if (object === null) return 'is missing';
    if (object.sizeBytes !== shard.sizeBytes)
      return `has ${object.sizeBytes} bytes, was packed with ${shard.sizeBytes}`;
    const hash = createHash('sha256');
    for await (const piece of store.stream(shard.path, { signal, expectedVersion: object.version })) hash.update(piece);
    if (hash.digest('hex') !== shard.sha256) return 'is damaged: other bytes than were packed';
    const { scan } = await readShardIndex(store, shard, signal);
    const recorder = new UnitRecorder();
    const onSample = (): void => undefined;
    await scanShard({ store, shard: object, labelField: 'label', recorder, onSample, signal });
    const walked = recorder.result();
    const labels = walked.labels.map((label) => pack.classes[Number(label)]);
    const isSame =
      JSON.stringify([labels, walked.formats, walked.samples]) ===
      JSON.stringify([scan.labels, scan.formats, scan.samples]);
    return isSame ? null : 'its index says something else than the tar';
  } catch (error) {
    if (error instanceof RefusedInputError || error instanceof StoredObjectChangedError) return error.message;
    throw error;
  }
}
