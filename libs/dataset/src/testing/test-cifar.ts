import type { TestFolder } from './test-folder.js';
import { CIFAR_IMAGE_BYTES } from '../cifar/cifar-layout.js';

/** The planar pixels of test image `seed`: each byte depends on its place and on the image. */
export function testPixels(seed: number): Uint8Array {
  return Uint8Array.from({ length: CIFAR_IMAGE_BYTES }, (_, at) => (at * 7 + seed * 31 + (at >> 10) * 90) % 256);
}

/** Records as the published files have them: label bytes, then pixels. */
export function testRecords(labels: readonly (readonly number[])[], firstSeed = 0): Uint8Array {
  const records = labels.map((bytes, at) => [Uint8Array.from(bytes), testPixels(firstSeed + at)]);
  return new Uint8Array(Buffer.concat(records.flat()));
}

/** A CIFAR-10 of 7 + 2 images: batches of 2, 2, 1, 1 and 1. Image n of all has seed n. */
export async function writeCifar10(folder: TestFolder): Promise<void> {
  await folder.write('data_batch_1.bin', testRecords([[3], [9]], 0));
  await folder.write('data_batch_2.bin', testRecords([[0], [1]], 2));
  for (const batch of [3, 4, 5]) await folder.write(`data_batch_${batch}.bin`, testRecords([[batch]], batch + 1));
  await folder.write('test_batch.bin', testRecords([[7], [8]], 7));
  // The published file ends with an empty line.
  const names = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
  await folder.write('batches.meta.txt', `${names.join('\n')}\n\n`);
}

/** A CIFAR-100 of 3 + 1 images. */
export async function writeCifar100(folder: TestFolder): Promise<void> {
  const names = (word: string, count: number): string =>
    Array.from({ length: count }, (_, at) => `${word}_${at}\n`).join('');
  const train = [
    [11, 49],
    [0, 99],
    [19, 0],
  ];
  await folder.write('train.bin', testRecords(train));
  await folder.write('test.bin', testRecords([[4, 51]], 3));
  await folder.write('fine_label_names.txt', names('fine', 100));
  await folder.write('coarse_label_names.txt', names('coarse', 20));
}
