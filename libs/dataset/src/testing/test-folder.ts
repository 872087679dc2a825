import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** A temporary folder of a test; `await using` removes it. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  write(relative: string, bytes: Uint8Array | string): Promise<void>;
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'skiplane-dataset-'));
  return {
    path,
    async write(relative, bytes) {
      await mkdir(dirname(join(path, relative)), { recursive: true });
      await writeFile(join(path, relative), bytes);
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** A small real image of one colour per `shade`. */
export async function testImage(format: 'jpeg' | 'png', shade = 100, width = 12, height = 8): Promise<Uint8Array> {
  const background = { r: shade, g: 255 - shade, b: 40 };
  const image = sharp({ create: { width, height, channels: 3, background } });
  return new Uint8Array(await image.toFormat(format).toBuffer());
}

/** The files of `writeSoundDataset`. */
export const SOUND_FILES: readonly string[] = [
  'train/cat/1.jpg',
  'train/cat/2.jpg',
  'train/dog/1.jpg',
  'train/dog/2.jpg',
  'val/cat/1.jpg',
  'val/dog/1.jpg',
];

/** Two classes, two training images and one validation image each: the least that is a data set. */
export async function writeSoundDataset(folder: TestFolder): Promise<void> {
  for (const [at, file] of SOUND_FILES.entries()) await folder.write(file, await testImage('jpeg', at * 30));
}
