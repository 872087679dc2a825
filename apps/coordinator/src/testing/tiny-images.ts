import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The smallest PNG. */
const ONE_PIXEL_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Writes an image folder of two classes, `numTrain` and `numVal` files of one pixel in all. */
export async function writeTinyImages(directory: string, numTrain: number, numVal: number): Promise<void> {
  for (const [split, count] of [
    ['train', numTrain],
    ['val', numVal],
  ] as const) {
    for (let index = 0; index < count; index += 1) {
      const folder = join(directory, split, index % 2 === 0 ? 'cat' : 'dog');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${index}.png`), ONE_PIXEL_PNG);
    }
  }
}
