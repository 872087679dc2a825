import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { RunSpecInput } from '#contracts';
import { isWhole, TrainingStack } from './training-stack.js';

/** Everything that remembers or is drawn by chance at once. */
const RECIPE: Partial<RunSpecInput> = {
  epochs: 8,
  optimizer: {
    nesterov: true,
    decayed: ['kernels', 'bias'],
    schedule: {
      kind: 'plateau',
      patience: 0,
      threshold: 0.2,
      gamma: 0.5,
      warmupUntil: { learningRate: 0.02, trainingError: 0.95, overSteps: 4 },
    },
  },
  regularization: {
    labelSmoothing: 0.1,
    mixup: {},
    cutmix: {},
    randomErasing: { probability: 0.5 },
    pcaColour: {},
    ema: { decay: 0.99, everySteps: 2 },
  },
  // 16 pixels in epochs 0 to 2, 18 in 3 and 4, 20 from then on.
  resizing: { from: 16, to: 20, startEpoch: 1, endEpoch: 6, multiple: 2, validation: 18 },
};

describe('a run with every kind of regularisation, images that grow and a rate that follows its history', () => {
  it('has the same weights and averages when it is killed, started again and joined by a worker', async () => {
    await using world = await TrainingStack.start({ workers: 1 });
    const results = async (id: string) => {
      const view = await world.finished(id);
      expect(isWhole(view)).toBe(true);
      const folder = view.checkpoints.at(-1)?.directory ?? '';
      const average = createHash('sha256').update(await readFile(join(folder, 'average.safetensors')));
      return { weights: view.weightsSha256, average: average.digest('hex'), valLoss: view.progress.valLoss };
    };
    const undisturbed = await results(await world.submit(world.spec(RECIPE)));
    expect(undisturbed.average).not.toBe(undisturbed.weights);

    const id = await world.submit(world.spec(RECIPE));
    await world.atStep(id, 12);
    await world.stack.killAll('SIGKILL');
    await world.startAgain();
    await world.atStep(id, 30);
    await world.stack.addWorker();
    expect(await results(id)).toEqual(undisturbed);
  }, 240_000);
});
