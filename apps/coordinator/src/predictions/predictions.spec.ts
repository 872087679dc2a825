import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import {
  MAX_PREDICTION_BYTES,
  predictionSchema,
  problemSchema,
  type PredictionAnswer,
  type PredictionJob,
  type Problem,
  type RunView,
} from '#contracts';
import { createRedisConnection, PredictionServer } from '#queue';
import { silentLogger } from '#telemetry';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(30_000);

const PREDICTED: PredictionAnswer = {
  ok: true,
  width: 6,
  height: 4,
  classes: [
    { index: 1, probability: 0.75 },
    { index: 0, probability: 0.25 },
  ],
  overlayOf: null,
};

describe('POST /v1/runs/:id/predict', () => {
  let stack: TestStack;
  let run: RunView;
  let png: Uint8Array<ArrayBuffer>;
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const red = sharp({ create: { width: 6, height: 4, channels: 3, background: 'red' } });
    png = Uint8Array.from(await red.png().toBuffer());
    stack = await TestStack.open();
    await stack.start({}, { durations: { predictionMs: 4_000 } });
    await stack.fleet.add('w1');
    run = await stack.trained();
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    expect(await readdir(join(stack.directory, 'checkpoints', 'predictions')).catch(() => [])).toEqual([]);
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  /** A worker that predicts as it is told. */
  function serve(predict: (job: PredictionJob) => Promise<PredictionAnswer>): void {
    const connection = createRedisConnection(stack.server.url, { purpose: 'blocking', logger: silentLogger() });
    const predictions = new PredictionServer({ connection, logger: silentLogger(), predict });
    predictions.start();
    closers.push(async () => {
      await predictions.close();
      connection.disconnect();
    });
  }

  const ask = (
    body: string | Uint8Array<ArrayBuffer> | FormData,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<Response> => fetch(`${stack.url}/v1/runs/${run.id}/predict${query}`, { method: 'POST', body, headers });
  const problemOf = async (response: Response, status: number): Promise<Problem> => {
    expect(response.status).toBe(status);
    return problemSchema.parse(await response.json());
  };

  it('hands the image to a worker as a file and answers with names and probabilities', async () => {
    const jobs: PredictionJob[] = [];
    serve(async (job) => {
      jobs.push(job);
      expect(Uint8Array.from(await readFile(job.imagePath))).toEqual(png);
      return PREDICTED;
    });
    const response = await ask(png, '?top=2', { 'Content-Type': 'image/png' });
    expect(response.status).toBe(200);
    const prediction = predictionSchema.parse(await response.json());
    const newest = run.checkpoints.at(-1);
    expect(prediction).toEqual({
      runId: run.id,
      step: newest?.step,
      weights: 'trained',
      image: { width: 6, height: 4 },
      classes: [
        { index: 1, name: 'dog', probability: 0.75 },
        { index: 0, name: 'cat', probability: 0.25 },
      ],
      overlay: null,
    });
    expect(jobs[0]).toMatchObject({ top: 2, overlay: null, weightsSha256: newest?.weightsSha256 });
  });

  it('calls classes by the readable names of the data set, and takes them', async () => {
    const names = join(stack.datasetPath, 'synset_words.txt');
    await writeFile(names, 'cat tabby, tabby cat\n');
    const named = await stack.trained({ seed: 7 });
    await rm(names);
    expect(named.dataset).toMatchObject({ classes: ['cat', 'dog'], classNames: ['tabby, tabby cat', 'dog'] });
    const asked: unknown[] = [];
    serve(async ({ overlay }) => {
      asked.push(overlay?.ofClass);
      if (overlay) await writeFile(overlay.path, 'a PNG');
      return { ...PREDICTED, overlayOf: overlay?.ofClass ?? 1 };
    });
    for (const given of ['cat', 'tabby, tabby cat', '0']) {
      const query = `?overlay=grad-cam&class=${encodeURIComponent(given)}`;
      const response = await fetch(`${stack.url}/v1/runs/${named.id}/predict${query}`, { method: 'POST', body: png });
      const { classes, overlay } = predictionSchema.parse(await response.json());
      expect(classes.map(({ name }) => name)).toEqual(['dog', 'tabby, tabby cat']);
      expect(overlay?.name).toBe('tabby, tabby cat');
    }
    expect(asked).toEqual([0, 0, 0]);
  });

  it('takes a form, and gives the overlay as a picture or inside the JSON', async () => {
    const picture = Buffer.from('a PNG');
    const asked: unknown[] = [];
    serve(async ({ overlay }) => {
      asked.push(overlay?.ofClass);
      if (overlay) await writeFile(overlay.path, picture);
      return { ...PREDICTED, overlayOf: overlay?.ofClass ?? 1 };
    });
    const form = new FormData();
    form.append('image', new Blob([png]), 'red.png');
    const whole = await ask(form, '?overlay=grad-cam&class=cat');
    expect(predictionSchema.parse(await whole.json()).overlay).toEqual({
      ofClass: 0,
      name: 'cat',
      png: picture.toString('base64'),
    });
    const alone = await ask(png, '?overlay=grad-cam', { Accept: 'image/png' });
    expect(alone.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await alone.arrayBuffer())).toEqual(picture);
    expect(asked).toEqual([0, null]);
    await problemOf(await ask(png, '', { Accept: 'image/png' }), 406);
  });

  it('refuses what is no image, what is cut short or empty, and names every fault', async () => {
    const paths = async (response: Response, status: number): Promise<string[]> =>
      ((await problemOf(response, status)).errors ?? []).map(({ path, message }) => `${path}: ${message}`);
    expect(await paths(await ask('GIF89a, or so it says'), 422)).toEqual([expect.stringContaining('GIF')]);
    expect(await paths(await ask(png.subarray(0, 50), '?class=cow'), 422)).toEqual([
      expect.stringContaining('cut short'),
      expect.stringContaining('class: '),
    ]);
    expect(await paths(await ask(''), 400)).toEqual(['image: is missing']);
    expect(await paths(await ask(new FormData()), 400)).toEqual(['image: is missing']);
    expect(await paths(await ask(png, '?top=0&overlay=all'), 400)).toHaveLength(2);
    await problemOf(await ask(new Uint8Array(MAX_PREDICTION_BYTES + 1)), 413);
    const form = new FormData();
    form.append('image', new Blob([new Uint8Array(MAX_PREDICTION_BYTES + 1)]));
    await problemOf(await ask(form), 413);
  });

  it('says so when there are no weights: unknown run, no checkpoint yet, no such step, no average', async () => {
    await problemOf(await fetch(`${stack.url}/v1/runs/none/predict`, { method: 'POST', body: png }), 404);
    expect((await problemOf(await ask(png, '?step=999'), 404)).detail).toContain('it lists');
    expect((await problemOf(await ask(png, '?ema=true'), 404)).detail).toContain('no average');
    stack.fleet.untilRound = 0;
    const { id } = await stack.submit();
    const response = await fetch(`${stack.url}/v1/runs/${id}/predict`, { method: 'POST', body: png });
    expect((await problemOf(response, 409)).detail).toContain('no checkpoint yet');
  });

  it('hands on what a worker refuses and what it fails with', async () => {
    const answers: (() => PredictionAnswer)[] = [
      () => ({ ok: false, what: 'image', reason: 'it cannot be decoded' }),
      () => {
        throw new Error('out of memory');
      },
    ];
    serve(async () => answers.shift()?.() ?? PREDICTED);
    expect((await problemOf(await ask(png), 422)).errors).toEqual([{ path: 'image', message: 'it cannot be decoded' }]);
    expect((await problemOf(await ask(png), 502)).detail).toContain('out of memory');
    expect((await ask(png)).status).toBe(200);
  });

  it('gives up in time when no worker takes it up, and leaves no job behind', async () => {
    expect((await problemOf(await ask(png), 504)).detail).toContain('no worker took it up');
    expect(await stack.redis.llen('skiplane-queue:predictions:wait')).toBe(0);
  });

  it('answers at once when no worker is there', async () => {
    await stack.fleet.close();
    const response = await until(
      () => ask(png),
      ({ status }) => status !== 504,
    );
    expect((await problemOf(response, 503)).detail).toContain('no worker is here');
  });
});
