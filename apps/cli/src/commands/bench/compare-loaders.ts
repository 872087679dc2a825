import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeShapesDataset } from '#dataset';
import { compareInTurn, imagesPerSecondOf, type CompareOptions, type Comparison, type Way } from './compare-in-turn.js';
import type { LoaderBenchOptions } from './loader-bench.js';

/** Photos of ImageNet are some 400 x 350 pixels. */
const DRAWN_SIZE = 400;
const NUM_DRAWN = 1_000;

/** From JPEG files to batches of 224 pixels, randomly cropped and flipped, by one thread and by one per core. */
export async function compareLoaders(options: CompareOptions): Promise<Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-bench-'));
  try {
    const drawing = { numTrain: NUM_DRAWN, numVal: 10, imageSize: DRAWN_SIZE, seed: 1, signal: options.signal };
    await makeShapesDataset(folder, drawing);
    const results: Comparison[] = [];
    for (const threads of new Set([1, availableParallelism()])) {
      const work = { folder, threads, size: 224, batch: 32, images: 2_000 };
      const title = `JPEG of ${DRAWN_SIZE} pixels to batches, ${threads} data thread${threads === 1 ? '' : 's'}`;
      results.push(
        await compareInTurn(title, { own: () => ours(work, options), peers: peers(work, options) }, options),
      );
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ours(work: LoaderBenchOptions, { signal }: CompareOptions): Promise<number> {
  const entry = fileURLToPath(new URL('./loader-bench.js', import.meta.url));
  return imagesPerSecondOf({ command: process.execPath, args: [entry, JSON.stringify(work)], signal });
}

function peers({ folder, threads, size, batch, images }: LoaderBenchOptions, options: CompareOptions): Way[] {
  const { peer, signal } = options;
  if (peer === null) return [];
  const flags = { folder: join(folder, 'train'), workers: threads, size, batch, images };
  return [
    {
      name: `torchvision's DataLoader, ${threads} worker${threads === 1 ? '' : 's'}`,
      measure: () =>
        imagesPerSecondOf({
          command: peer.python,
          args: [
            join(peer.scripts, 'loader.py'),
            ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
          ],
          cwd: peer.scripts,
          signal,
        }),
    },
  ];
}
