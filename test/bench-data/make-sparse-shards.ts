import { closeSync, linkSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Header } from 'tar';
import { NUM_CLASSES, TRAIN_PER_VALIDATION } from './make-image-folder.js';

/** Some 140 MB, as shards of ImageNet are. */
const SAMPLES_PER_SHARD = 1_280;
/** The others are hard links of these. */
const NUM_WRITTEN = 8;
/** A photo of ImageNet. */
const IMAGE_BYTES = 110_000;
const BLOCK = 512;

/**
 * Tar shards as WebDataset has them, in which an image is its two ends and a hole: a survey reads nothing else. Each shard that
 * is written takes some 10 MB of the disk.
 */
export async function makeSparseShards(path: string, numTrain: number): Promise<void> {
  mkdirSync(path);
  const create = { width: 500, height: 375, channels: 3, background: { r: 30, g: 90, b: 40 } } as const;
  const image = await sharp({ create }).jpeg().toBuffer();
  for (const [split, numSamples] of [
    ['train', Math.max(NUM_CLASSES, numTrain)],
    ['val', Math.max(NUM_CLASSES, Math.round(numTrain / TRAIN_PER_VALIDATION))],
  ] as const) {
    const pathOf = (shard: number): string => join(path, `${split}-${String(shard).padStart(5, '0')}.tar`);
    const numShards = Math.ceil(numSamples / SAMPLES_PER_SHARD);
    for (let shard = 0; shard < numShards; shard += 1) {
      const from = shard * SAMPLES_PER_SHARD;
      // The last one may be short.
      const isWritten = shard < NUM_WRITTEN || shard === numShards - 1;
      if (isWritten) writeShard(pathOf(shard), image, [from, Math.min(from + SAMPLES_PER_SHARD, numSamples)]);
      else linkSync(pathOf(shard % NUM_WRITTEN), pathOf(shard));
    }
  }
}

function writeShard(path: string, image: Uint8Array, [from, to]: readonly [number, number]): void {
  const file = openSync(path, 'w');
  let at = 0;
  for (let sample = from; sample < to; sample += 1) {
    const key = String(sample).padStart(9, '0');
    const label = Buffer.alloc(BLOCK, 0);
    const labelBytes = label.write(String(sample % NUM_CLASSES));
    const start = [header(`${key}.cls`, labelBytes), label, header(`${key}.jpg`, IMAGE_BYTES), image.subarray(0, -2)];
    writeSync(file, Buffer.concat(start), 0, null, at);
    at += 3 * BLOCK;
    // The end-of-image mark.
    writeSync(file, image, image.length - 2, 2, at + IMAGE_BYTES - 2);
    at += Math.ceil(IMAGE_BYTES / BLOCK) * BLOCK;
  }
  writeSync(file, Buffer.alloc(2 * BLOCK), 0, null, at);
  closeSync(file);
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  new Header({ path, size, type: 'File', mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }).encode(block, 0);
  return block;
}
