import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { evaluationViewSchema, ledgerPageSchema, predictionSchema, type RunSpecInput, type RunView } from '#contracts';
import { verifyLedger } from '../../apps/cli/src/commands/verify/verify-ledger.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import {
  afterFirstSegment,
  chunk,
  exif,
  mappedPng,
  segmentsOf,
} from '../../libs/data-loading/src/decoders/testing/image-bytes.js';
import { TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
const [SIDE, NUM_TRAIN, NUM_VALIDATION, EPOCHS] = [48, 24, 3, 14];
/** `vivid` is stored as the numbers that `dull` would have if its colour profile were applied. */
const CLASSES = ['dull', 'right', 'up', 'vivid'] as const;
const COLOUR = [230, 60, 30] as const;

const bytesOf = async (image: Sharp): Promise<Uint8Array> => new Uint8Array(await image.toBuffer());
const raw = (width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Sharp =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, at) => {
      const position = Math.floor(at / 3);
      return pixel(position % width, Math.floor(position / width))[at % 3] ?? 0;
    }),
    { raw: { width, height, channels: 3 } },
  );
const flat = (width: number, height: number, seed: number): Sharp =>
  raw(width, height, (x, y) => COLOUR.map((value) => value + ((x * 31 + y * 17 + seed * 7) % 9) - 4));

/** Stored on its side, shown upright: a light triangle on dark ground. */
async function arrow(isUp: boolean, seed: number): Promise<Uint8Array> {
  const upright = raw(SIDE, SIDE, (x, y) => {
    const [across, along] = isUp ? [x, y] : [y, SIDE - 1 - x];
    const isInside = along >= 6 && along <= 36 && Math.abs(across - SIDE / 2) < (along - 6) * 0.6;
    return isInside ? [230, 230, 230] : [seed * 3, 60 - seed, 30];
  });
  return afterFirstSegment(await bytesOf(upright.rotate(-90).jpeg()), exif(6));
}

async function withProfile(image: Sharp, isConverted: boolean): Promise<Uint8Array> {
  const converted = await bytesOf(image.clone().withIccProfile('p3').jpeg({ quality: 95 }));
  if (isConverted) return converted;
  return afterFirstSegment(await bytesOf(image.jpeg({ quality: 95 })), ...segmentsOf(converted, 0xe2));
}

async function imageOf(name: (typeof CLASSES)[number], seed: number): Promise<Uint8Array> {
  switch (name) {
    case 'dull':
    case 'vivid':
      return withProfile(flat(SIDE, SIDE, seed), name === 'dull');
    case 'up':
    case 'right':
      return arrow(name === 'up', seed);
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** A PNG that looks sound at both ends and cannot be decoded: the total of its picture data is another. */
async function undecodable(): Promise<Uint8Array> {
  return mappedPng(await bytesOf(flat(20, 20, 1).png()), ({ type, content }) => [
    chunk(type, type === 'IDAT' ? content.slice().fill(1, content.length - 2) : content),
  ]);
}

/** Images of a folder of classes of which a run says that they are of another class. */
async function wronglyPredicted(world: TrainingStack, { id }: RunView, folder: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const name of await readdir(folder)) {
    for (const file of await readdir(join(folder, name))) {
      const body = await readFile(join(folder, name, file));
      const answer = await fetch(`${world.stack.url}/v1/runs/${id}/predict?top=1`, { method: 'POST', body });
      const [best] = predictionSchema.parse(await answer.json()).classes;
      if (best?.name !== name) wrong.push(`${name}/${file}: ${best?.name} ${best?.probability}`);
    }
  }
  return wrong;
}

/** Real processes: what is trained on, validated, evaluated and predicted are the same pixels. */
describe('a network that was trained on turned images and images with a colour profile', () => {
  let world: TrainingStack;
  let data: string;
  let run: RunView;

  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 1, parameterServers: 1, restart: false });
    data = join(world.folder, 'odd');
    for (const name of CLASSES) {
      for (let at = 0; at < NUM_TRAIN + NUM_VALIDATION; at += 1) {
        const split = at < NUM_TRAIN ? 'train' : 'val';
        await write(join(data, split, name, `${at}.jpg`), await imageOf(name, at));
      }
    }
    await write(join(data, 'train', 'dull', 'undecodable.png'), await undecodable());
    await write(join(data, 'val', 'dull', 'strip.jpg'), await withProfile(flat(65_500, 2, 1), true));
    const id = await world.submit({
      name: 'odd',
      model: { architecture: 'resnet8', numClasses: CLASSES.length, imageSize: 32 },
      dataset: { kind: 'image-folder', path: data, augmentation: 'none', unreadable: 'skip' },
      lanes: 2,
      laneBatchSize: 8,
      epochs: EPOCHS,
      seed: 1,
      optimizer: { learningRate: 0.05, schedule: { kind: 'cosine' } },
    });
    run = await world.finished(id);
  }, TIMEOUT_MS);
  afterAll(() => world[Symbol.asyncDispose](), TIMEOUT_MS);

  it(
    'is right about every image in its validation, in an evaluation and when each is predicted',
    async () => {
      expect(run.progress.valAccuracy).toBe(1);
      const response = await world.post(`/v1/runs/${run.id}/evaluations`, { protocol: { kind: 'center' } });
      const { id } = evaluationViewSchema.parse(await response.json());
      const evaluation = await until(
        async () =>
          evaluationViewSchema.parse(
            await (await fetch(`${world.stack.url}/v1/runs/${run.id}/evaluations/${id}`)).json(),
          ),
        ({ state }) => state === 'finished',
        { what: 'the evaluation', timeoutMs: 60_000 },
      );
      // The strip of 65,500 x 2 among them.
      expect(evaluation.result).toMatchObject({ accuracy: 1, samples: CLASSES.length * NUM_VALIDATION + 1 });
      expect(evaluation.result?.loss).toBeCloseTo(run.progress.valLoss ?? Number.NaN, 4);
      expect(await wronglyPredicted(world, run, join(data, 'val'))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'is trained and right about every image where there is no folder for validation, once a share of each class is for it',
    async () => {
      const path = join(world.folder, 'no-val');
      for (const name of ['dull', 'up'] as const)
        for (let at = 0; at < 10; at += 1) await write(join(path, 'train', name, `${at}.jpg`), await imageOf(name, at));
      const dataset = { kind: 'image-folder', path, augmentation: 'none' } as const;
      const spec: RunSpecInput = {
        name: 'no-val',
        model: { architecture: 'resnet8', numClasses: 2, imageSize: 16 },
        dataset: { ...dataset, split: { validation: 0.2, seed: 3 } },
        lanes: 2,
        laneBatchSize: 4,
        epochs: 10,
        optimizer: { learningRate: 0.05 },
      };
      const refused = await world.post('/v1/runs', { ...spec, dataset });
      expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('dataset.split')]);
      const noVal = await world.finished(await world.submit(spec));
      expect(noVal.dataset).toMatchObject({ numTrainSamples: 16, numValidationSamples: 4 });
      expect(noVal.progress.valAccuracy).toBe(1);
      expect(await wronglyPredicted(world, noVal, join(path, 'train'))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('has a ledger in which the undecodable file is left out of one step an epoch, and nothing is missing', async () => {
    const page = await fetch(`${world.stack.url}/v1/runs/${run.id}/ledger`);
    const { steps } = ledgerPageSchema.parse(await page.json());
    const pages = (async function* () {
      yield steps;
    })();
    const verdict = await verifyLedger(run, pages);
    expect(verdict.faults).toEqual([]);
    expect(verdict.epochs).toMatchObject(
      Array.from({ length: EPOCHS }, () => ({
        samples: CLASSES.length * NUM_TRAIN,
        missing: 0,
        repeated: 0,
        leftOut: 1,
      })),
    );
    expect(steps.filter(({ leftOut }) => leftOut !== undefined)).toHaveLength(EPOCHS);
  });
});
