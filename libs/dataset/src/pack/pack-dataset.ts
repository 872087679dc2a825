import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { isRemote, RefusedInputError, type DatasetKind } from '#contracts';
import { isMissing, takeHostLock, writeFileAtomically } from '#files';
import type { Dataset } from '../dataset.js';
import { claimFolder, readOrNull } from './pack-folder.js';
import {
  indexPath,
  PACK_FILE,
  parseAs,
  PLAN_FILE,
  sha256,
  shardIndexSchema,
  type Pack,
  type PackedShard,
  type PackPlan,
  type ShardIndex,
  type Shrink,
} from './pack-files.js';
import { mapBounded } from '../map-bounded.js';
import { planShards, type PlannedShard } from './plan-shards.js';
import { writeShard, type EncodeSample } from './write-shard.js';

/** Of all shards. Reading and encoding run in Node's threads; some samples wait there so that none of those is idle. */
const SAMPLES_AT_ONCE = availableParallelism() * 2 + 2;
/** While one is brought to disk, samples of the others go on. */
const SHARDS_AT_ONCE = 4;

export interface PackOptions {
  /** Of the source. */
  readonly kind: DatasetKind;
  /** Of the order of the training images. */
  readonly seed: number;
  /** About the size of a shard. */
  readonly shardBytes: number;
  /** What `encode` does to images that are larger; null: nothing. */
  readonly shrink: Shrink | null;
  readonly encode: EncodeSample;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly numSamples: number; readonly numAll: number }) => void;
}

export interface PackResult {
  readonly numTrainSamples: number;
  readonly numValidationSamples: number;
  readonly numShards: number;
  /** Shards that had been there whole. */
  readonly numKept: number;
  readonly sizeBytes: number;
  readonly numEncoded: number;
  readonly numTurned: number;
}

/**
 * Packs a data set into WebDataset shards with an index beside them. Shards that an earlier call finished with the same source
 * and options stay; a call that was killed is gone on with by another. Equal sources and options make equal bytes.
 * Rejects with RefusedInputError where the folder holds something else or a sample cannot be packed.
 */
export async function packDataset(dataset: Dataset, folder: string, options: PackOptions): Promise<PackResult> {
  if (isRemote(folder)) throw new RefusedInputError(`${folder} is no folder of this machine; pack there, then copy`);
  const target = resolve(folder);
  const lock = await takeHostLock(
    `pack/${createHash('sha256').update(target).digest('hex')}`,
    `process ${process.pid}`,
  );
  if (typeof lock === 'string') throw new RefusedInputError(`${lock} packs into ${target} now`);
  try {
    return await packInto(dataset, target, options);
  } finally {
    await lock.release();
  }
}

async function packInto(dataset: Dataset, folder: string, options: PackOptions): Promise<PackResult> {
  const { kind, seed, shardBytes, shrink, encode, signal, onProgress } = options;
  const plan: PackPlan = { version: 1, source: { kind, digest: dataset.digest }, seed, shardBytes, shrink };
  await claimFolder(folder, plan);
  const numAll = dataset.train.length + dataset.validation.length;
  let [numSamples, numKept, numEncoded, numTurned] = [0, 0, 0, 0];
  const progress = (samples: number): void => {
    numSamples += samples;
    onProgress?.({ numSamples, numAll });
  };
  const shards = planShards(dataset, { seed, shardBytes, shrink });
  const room = { numTaken: 0, numAll: SAMPLES_AT_ONCE };
  const pack = async (shard: PlannedShard, ended: AbortSignal): Promise<PackedShard> => {
    const kept = await wholeShard(folder, shard.path, shard.samples.length);
    if (kept !== null) {
      numKept += 1;
      progress(shard.samples.length);
    }
    const index =
      kept ??
      (await writeShard(shard, {
        folder,
        reader: shard.split === 'train' ? dataset.train : dataset.validation,
        classes: dataset.classes,
        encode,
        room,
        signal: ended,
        onSample: () => progress(1),
      }));
    numEncoded += index.numEncoded;
    numTurned += index.numTurned;
    return {
      path: shard.path,
      sizeBytes: index.sizeBytes,
      sha256: index.sha256,
      numSamples: shard.samples.length,
      indexSha256: sha256(JSON.stringify(index)),
    };
  };
  const packed = await mapUntilFailure(shards, { concurrency: SHARDS_AT_ONCE, signal }, pack);
  const { classes, classNames } = dataset;
  const names = classNames.map((name) => `${name.replaceAll(/\s+/g, ' ')}\n`).join('');
  await writeFileAtomically(join(folder, 'classnames.txt'), names);
  const whole: Pack = {
    plan,
    classes: [...classes],
    classNames: [...classNames],
    train: packed.filter((_, at) => shards[at]?.split === 'train'),
    validation: packed.filter((_, at) => shards[at]?.split === 'val'),
  };
  await writeFileAtomically(join(folder, PACK_FILE), JSON.stringify(whole));
  await rm(join(folder, PLAN_FILE), { force: true });
  return {
    numTrainSamples: dataset.train.length,
    numValidationSamples: dataset.validation.length,
    numShards: packed.length,
    numKept,
    sizeBytes: packed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    numEncoded,
    numTurned,
  };
}

/** The index of a shard that an earlier call finished. Its bytes are compared by `verifyPack` alone. */
async function wholeShard(folder: string, path: string, numSamples: number): Promise<ShardIndex | null> {
  const text = await readOrNull(join(folder, indexPath(path)));
  const index = text === null ? null : parseAs(shardIndexSchema, text);
  if (index === null || index.scan.samples.files.length !== numSamples) return null;
  const size = await stat(join(folder, path)).then(
    (stats) => stats.size,
    (error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    },
  );
  return size === index.sizeBytes ? index : null;
}

/**
 * Applies `work` to items, some at once; results are in the order of the items. Where one fails, or the signal is aborted, the
 * others are ended by their signal, and all have ended when this rejects.
 */
async function mapUntilFailure<Item, Result>(
  items: readonly Item[],
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal },
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  const underWay = new Set<Promise<Result>>();
  try {
    return await mapBounded(items, concurrency, async (item) => {
      ended.throwIfAborted();
      const working = work(item, ended);
      underWay.add(working);
      return await working.finally(() => underWay.delete(working));
    });
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(underWay);
    throw error;
  }
}
