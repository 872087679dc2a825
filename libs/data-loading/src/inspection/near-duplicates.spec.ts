import { describe, expect, it } from '@jest/globals';
import { openDataset } from '#dataset';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { portableDecoder } from '../decoders/portable-decoder.js';
import { decodeAll } from './decode-all.js';
import { lookHash } from './look-hash.js';
import { MAX_DISTANCE } from './look-index.js';
import { NearDuplicates } from './near-duplicates.js';

/** A scene of soft blobs, another for every seed. */
function scene(seed: number): Sharp {
  let state = seed * 7919 + 13;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const blobs = Array.from({ length: 6 }, () => [
    random() * 200,
    random() * 150,
    20 + random() * 40,
    random() * 400 - 200,
  ]);
  const pixels = new Uint8Array(200 * 150 * 3);
  for (let at = 0; at < 200 * 150; at += 1) {
    const [x, y] = [at % 200, Math.floor(at / 200)];
    const light = blobs.reduce(
      (sum, [bx = 0, by = 0, size = 1, height = 0]) =>
        sum + height * Math.exp(-((x - bx) ** 2 + (y - by) ** 2) / size ** 2),
      128,
    );
    pixels.fill(Math.max(0, Math.min(255, light)), at * 3, at * 3 + 3);
  }
  return sharp(pixels, { raw: { width: 200, height: 150, channels: 3 } });
}

async function inFolder<Result>(
  files: Readonly<Record<string, Buffer>>,
  work: (splits: Awaited<ReturnType<typeof openDataset>>) => Promise<Result>,
): Promise<Result> {
  const path = await mkdtemp(join(tmpdir(), 'skiplane-look-'));
  try {
    for (const [file, bytes] of Object.entries(files)) {
      await mkdir(join(path, file, '..'), { recursive: true });
      await writeFile(join(path, file), bytes);
    }
    return await work(await openDataset({ kind: 'image-folder', path, unreadable: 'refuse', orientation: 'upright' }));
  } finally {
    await rm(path, { recursive: true });
  }
}

describe('near duplicates', () => {
  const options = { decoder: portableDecoder(), orientation: 'upright', concurrency: 3 } as const;

  it('are other sizes, formats and qualities of a picture, and no other picture', async () => {
    const files: Record<string, Buffer> = {
      'val/a/small.jpg': await scene(4).resize(90, 70, { fit: 'fill' }).webp({ quality: 60 }).toBuffer(),
      'val/a/cropped.jpg': await scene(2)
        .extract({ left: 2, top: 1, width: 196, height: 148 })
        .jpeg({ quality: 50 })
        .toBuffer(),
      'val/b/other.png': await scene(99).png().toBuffer(),
      'val/b/flat.png': await sharp({ create: { width: 30, height: 30, channels: 3, background: '#777' } })
        .png()
        .toBuffer(),
      'train/b/flat.png': await sharp({ create: { width: 40, height: 30, channels: 3, background: '#777' } })
        .png()
        .toBuffer(),
    };
    for (let seed = 1; seed <= 30; seed += 1) {
      files[`train/${seed === 4 ? 'b' : 'a'}/${seed}.png`] = await scene(seed).png().toBuffer();
    }
    const found = await inFolder(files, async (splits) => {
      const near = new NearDuplicates();
      const onValidation = (sample: number, look: Uint16Array): void => near.addValidation(sample, look);
      const onTrain = (sample: number, look: Uint16Array): void => near.addTrain(sample, look);
      expect(await decodeAll(splits.validation, { ...options, onLook: onValidation })).toEqual([]);
      expect(await decodeAll(splits.train, { ...options, onLook: onTrain })).toEqual([]);
      return near.found(splits);
    });
    expect(found).toEqual({
      numImages: 2,
      numOfOtherClass: 1,
      examples: [
        { validation: 'val/a/cropped.jpg', train: 'train/a/2.png', isOfOneClass: true },
        { validation: 'val/a/small.jpg', train: 'train/b/4.png', isOfOneClass: false },
      ],
    });
    expect(MAX_DISTANCE).toBe(7);
  });

  it('have no hash where nothing can be recognised', () => {
    expect(lookHash({ width: 4, height: 4, pixels: new Uint8Array(48).fill(9) })).toBeNull();
  });

  it('names what cannot be decoded, and stops when it is told to', async () => {
    const sound = await scene(3).jpeg().toBuffer();
    const tables = sound.indexOf(Buffer.from([0xff, 0xc4]));
    const damaged = Buffer.from(sound).fill(0x55, tables + 4, tables + 60);
    const files = { 'train/a/1.jpg': sound, 'train/b/2.jpg': damaged, 'val/a/1.jpg': sound, 'val/b/1.jpg': sound };
    await inFolder(files, async ({ train }) => {
      const progress: number[] = [];
      const failed = await decodeAll(train, { ...options, onProgress: (numDecoded) => progress.push(numDecoded) });
      expect(failed).toEqual([{ path: 'train/b/2.jpg', message: expect.any(String) }]);
      expect(progress).toEqual([1, 2]);
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(decodeAll(train, { ...options, signal })).rejects.toThrow('enough');
    });
  });
});
