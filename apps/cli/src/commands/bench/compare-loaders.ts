import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeShapesDataset } from '#dataset';
import { imagesPerSecondOf, peerCommand, type BenchContext, type BenchGroup } from './bench-group.js';
import type { Measured, Row, Way } from './compare-in-turn.js';
import type { LoaderBenchOptions } from './loader-bench.js';

type LoaderContext = Pick<BenchContext, 'peer' | 'device' | 'signal'>;

/** Photos of ImageNet are some 400 x 350 pixels. */
const DRAWN_SIZE = 400;
const NUM_DRAWN = 1_000;

/** From JPEG files to batches of 224 pixels, randomly cropped and flipped, by one thread and by one per core. */
export const loaders: BenchGroup = {
  name: 'loader',
  about: `JPEG files of ${DRAWN_SIZE} pixels to batches of 224, randomly cropped, resized and flipped; every image is read and decoded anew.`,
  rows: (context) =>
    [...new Set([1, availableParallelism()])].map((threads) =>
      loaderRow(
        { kind: 'image-folder', folder: join(context.folder, 'loader'), threads, size: 224, batch: 32, images: 2_000 },
        context,
      ),
    ),
  prepare: async ({ folder, signal }) => {
    const drawing = { numTrain: NUM_DRAWN, numVal: 10, imageSize: DRAWN_SIZE, seed: 1, signal };
    await makeShapesDataset(join(folder, 'loader'), drawing);
  },
};

/** One way to load the images of a folder. */
export function loaderRow(work: LoaderBenchOptions, context: LoaderContext): Row {
  const count = `${work.threads} data thread${work.threads === 1 ? '' : 's'}`;
  return {
    id: `loader/${work.threads}-thread${work.threads === 1 ? '' : 's'}`,
    title: `JPEG to batches of ${work.size} pixels, ${count}`,
    unit: 'images/s',
    own: { name: 'skiplane', measure: () => ourImagesPerSecond(work, context) },
    peers: peers(work, context),
  };
}

/** Measures our loader in a process of its own. */
export function ourImagesPerSecond(
  work: LoaderBenchOptions,
  { signal }: Pick<BenchContext, 'signal'>,
): Promise<Measured> {
  const args = [fileURLToPath(new URL('./loader-bench.js', import.meta.url)), JSON.stringify(work)];
  return imagesPerSecondOf({ command: process.execPath, args, signal });
}

function peers({ folder, threads, size, batch, images }: LoaderBenchOptions, context: LoaderContext): Way[] {
  const { peer } = context;
  if (peer === null) return [];
  const flags = { folder: join(folder, 'train'), workers: threads, size, batch, images };
  return [
    {
      name: `torchvision's DataLoader, ${threads} worker${threads === 1 ? '' : 's'}`,
      measure: () => imagesPerSecondOf(peerCommand(peer, 'loader.py', flags, context)),
    },
  ];
}
