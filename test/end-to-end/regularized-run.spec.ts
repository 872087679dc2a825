import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { evaluationViewSchema, predictionSchema, type Prediction, type RunSpecInput } from '#contracts';
import { isWhole, TrainingStack } from '../support/training-stack.js';

/** SHA-256 of the newest checkpoint's files. */
interface Digests {
  readonly weights: string | null;
  readonly average: string;
}

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

/** Evaluations, predictions and exports take the average of weights unless told otherwise, as the run's own evaluations do. */
async function usesAverage(world: TrainingStack, id: string, { weights, average }: Digests): Promise<void> {
  const checkpoint = (await world.view(id)).checkpoints.at(-1);
  expect(checkpoint).toMatchObject({ weightsSha256: weights, averageSha256: average });
  for (const [body, used] of [
    [{}, average],
    [{ ema: true }, average],
    [{ ema: false }, weights],
  ] as const) {
    const response = await world.post(`/v1/runs/${id}/evaluations`, body);
    const evaluation = evaluationViewSchema.parse(await response.json());
    expect(evaluation.networks[0]?.sha256).toBe(used);
    await world.post(`/v1/runs/${id}/evaluations/${evaluation.id}/cancel`);
  }
  const folder = join(world.folder, 'shapes', 'val', 'circle');
  const [file = ''] = await readdir(folder);
  const image = new Uint8Array(await readFile(join(folder, file)));
  const predict = async (query: string): Promise<Prediction> => {
    const response = await fetch(`${world.stack.url}/v1/runs/${id}/predict${query}`, { method: 'POST', body: image });
    return predictionSchema.parse(await response.json());
  };
  const [ofAverage, ofTrained] = [await predict('?top=10'), await predict('?top=10&ema=false')];
  expect([ofAverage.weights, ofTrained.weights]).toEqual(['average', 'trained']);
  expect(ofAverage.classes).not.toEqual(ofTrained.classes);
  const exported = await fetch(`${world.stack.url}/v1/runs/${id}/exports/safetensors`);
  const sha256 = createHash('sha256')
    .update(new Uint8Array(await exported.arrayBuffer()))
    .digest('hex');
  expect(sha256).toBe(average);
}

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
    const undisturbedId = await world.submit(world.spec(RECIPE));
    const undisturbed = await results(undisturbedId);
    expect(undisturbed.average).not.toBe(undisturbed.weights);

    await usesAverage(world, undisturbedId, undisturbed);

    const id = await world.submit(world.spec(RECIPE));
    await world.atStep(id, 12);
    await world.stack.killAll('SIGKILL');
    await world.startAgain();
    await world.atStep(id, 30);
    await world.stack.addWorker();
    expect(await results(id)).toEqual(undisturbed);
  }, 360_000);
});
