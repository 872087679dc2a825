import type { TestFolder } from './test-folder.js';
import { testImage } from './test-folder.js';
import { testTar, type TestTarEntry } from './test-tar.js';

/** An image with its label as WebDataset has it. */
export async function testSample(key: string, label: number, shade: number): Promise<readonly TestTarEntry[]> {
  return [
    { path: `${key}.cls`, bytes: String(label) },
    { path: `${key}.jpg`, bytes: await testImage('jpeg', shade) },
  ];
}

/** Two shards of two images for training and one of two for validation; classes 0 and 1 in turn, shades 0, 20, … */
export async function writeShards(folder: TestFolder): Promise<void> {
  for (const [at, name] of ['train-00', 'train-01', 'val-00'].entries()) {
    const samples = [await testSample(`${name}/a`, 0, at * 40), await testSample(`${name}/c`, 1, at * 40 + 20)];
    await folder.write(`${name}.tar`, testTar(samples.flat()));
  }
}
