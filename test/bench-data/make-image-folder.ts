import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

export const NUM_CLASSES = 1_000;
/** ImageNet's share. */
export const TRAIN_PER_VALIDATION = 25;

/** An image folder of hard links, one inode a class folder: a file system allows some 65,000 names for one. */
export async function makeImageFolder(path: string, numTrain: number): Promise<void> {
  const numOfClass = Math.max(1, Math.round(numTrain / NUM_CLASSES));
  const numValidation = Math.max(1, Math.round(numOfClass / TRAIN_PER_VALIDATION));
  for (let label = 0; label < NUM_CLASSES; label += 1) {
    const name = `n${String(1_440_000 + label * 37).padStart(8, '0')}`;
    const create = {
      width: 100,
      height: 80 + (label % 50),
      channels: 3,
      background: { r: label % 256, g: 90, b: 40 },
    } as const;
    const image = await sharp({ create }).jpeg().toBuffer();
    for (const [split, count] of [
      ['train', numOfClass],
      ['val', numValidation],
    ] as const) {
      const folder = join(path, split, name);
      mkdirSync(folder, { recursive: true });
      const first = join(folder, `${name}_0.JPEG`);
      writeFileSync(first, image);
      for (let at = 1; at < count; at += 1) linkSync(first, join(folder, `${name}_${at}.JPEG`));
    }
  }
}
