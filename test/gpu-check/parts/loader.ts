import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeShapesDataset } from '#dataset';
import { loaderRow } from '../../../apps/cli/src/commands/bench/compare-loaders.js';
import type { CheckPart } from '../check-part.js';
import { measureRows } from '../measure-rows.js';

const LIMIT_SECONDS = 60;

/** JPEG files to batches by the threads that a worker has per device, against as many processes of torchvision's. Judges nothing. */
export const loader: CheckPart = {
  name: 'loader',
  title: "images per second from JPEG files to batches against torchvision's DataLoader",
  limitSeconds: LIMIT_SECONDS,
  run: async (context, signal) => {
    const { target, sizes } = context;
    const { drawn, drawnSize, ...work } = sizes.loader;
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-gpu-check-'));
    try {
      await makeShapesDataset(folder, { numTrain: drawn, numVal: 10, imageSize: drawnSize, seed: 1, signal });
      const numDevices = target.kind === 'cpu' ? 1 : target.numDevices;
      const threads = Math.max(1, Math.floor(availableParallelism() / numDevices));
      const options = { limitSeconds: LIMIT_SECONDS, rounds: 1, peerModules: ['torchvision'], signal };
      return await measureRows(context, options, (given) => [
        loaderRow({ kind: 'image-folder', folder, threads, ...work }, given),
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
