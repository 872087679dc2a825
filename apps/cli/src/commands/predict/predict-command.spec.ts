import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Prediction, Problem } from '#contracts';
import { fakeCoordinator, json, problem, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../../testing/recording-io.js';
import { sampleCheckpoint, sampleRun } from '../../testing/sample-run.js';
import { weightsFileOf } from './local-source.js';
import { runSkiplane } from '../../testing/run-skiplane.js';

const run = sampleRun({ checkpoints: [sampleCheckpoint(5, 'a'.repeat(64))] });
const prediction: Prediction = {
  runId: run.id,
  step: 5,
  weights: 'average',
  image: { width: 40, height: 30 },
  classes: [
    { index: 1, name: 'square', probability: 0.875 },
    { index: 0, name: 'circle', probability: 0.125 },
  ],
  overlay: null,
};
const drawn: Prediction = { ...prediction, overlay: { ofClass: 0, name: 'circle', png: btoa('a picture') } };

let coordinator: FakeCoordinator;
let folder: string;
let io: RecordingIo;
beforeEach(async () => {
  coordinator = await fakeCoordinator();
  coordinator.on(`GET /v1/runs/${run.id}`, json(run));
  folder = await mkdtemp(join(tmpdir(), 'skiplane-predict-spec-'));
  io = recordingIo();
});
afterEach(async () => {
  await coordinator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const route = (query: string): string => `POST /v1/runs/${run.id}/predict?${query}`;

async function imageFile(name: string, text = 'bytes of an image'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const predict = (...words: readonly string[]): Promise<RecordingIo> =>
  runSkiplane(['predict', ...words, '--url', coordinator.url], { io });

describe('skiplane predict --run', () => {
  it('sends each file and prints classes with probabilities', async () => {
    const bodies: string[] = [];
    coordinator.on(route('top=2'), (request, response, body) => {
      bodies.push(body);
      json(prediction)(request, response, body);
    });
    await predict(await imageFile('a.jpg', 'one'), await imageFile('b.png', 'two'), '--run', run.id, '--top', '2');
    expect(bodies).toEqual(['one', 'two']);
    expect(io.outLines.join('\n')).toMatch(/a\.jpg\n +87\.50 % {2}square\n +12\.50 % {2}circle\n.*b\.png\n/);
    expect(io.exitCode()).toBe(0);
  });

  it('writes the overlay of the class that is asked for and says which weights predicted', async () => {
    coordinator.on(route('top=5&step=5&ema=false&overlay=grad-cam&class=circle'), json(drawn));
    const file = await imageFile('a.jpg');
    const out = join(folder, 'new', 'overlays');
    const flags = ['--step', '5', '--no-ema', '--grad-cam', out, '--of-class', 'circle', '--json'];
    await predict(file, '--run', run.id, ...flags);
    expect(await readFile(join(out, 'a.grad-cam.png'), 'utf8')).toBe('a picture');
    expect(JSON.parse(io.outLines[0] ?? '')).toEqual({
      runId: run.id,
      step: 5,
      weights: 'average',
      predictions: [
        {
          file,
          image: prediction.image,
          classes: prediction.classes,
          overlay: { file: join(out, 'a.grad-cam.png'), ofClass: 0, name: 'circle' },
        },
      ],
    });
  });

  it('goes on after a file that is refused, names it and ends with the code for it', async () => {
    const refusal: Problem = {
      type: 'about:blank',
      title: 'Unprocessable',
      status: 422,
      errors: [{ path: 'image', message: 'it looks like GIF' }],
    };
    const refuse: Parameters<FakeCoordinator['on']>[1] = (_request, response) =>
      void response.writeHead(422, { 'content-type': 'application/problem+json' }).end(JSON.stringify(refusal));
    coordinator.on(route('top=5'), refuse, json(prediction));
    await predict(await imageFile('a.gif'), await imageFile('b.png'), join(folder, 'absent'), '--run', run.id);
    expect(io.outLines.join('\n')).toContain('b.png\n');
    expect(io.errLines.join('\n')).toMatch(/2 of 3 files[^]*a\.gif: it looks like GIF[^]*absent: [^]*ENOENT/);
    expect(io.exitCode()).toBe(2);
  });

  it('ends at once where no worker is there', async () => {
    coordinator.on(route('top=5'), problem(503, 'no worker is here to predict'));
    await predict(await imageFile('a.png'), await imageFile('b.png'), '--run', run.id);
    expect(io.errLines.join('\n')).toContain('no worker is here');
    expect(io.exitCode()).toBe(3);
    expect(coordinator.asked.filter((asked) => asked.startsWith('POST'))).toHaveLength(1);
  });

  it('refuses flags that mean nothing, all at once, and names that collide, before it asks anybody', async () => {
    await predict('a.png', '--run', 'x', '--weights', 'w', '--num-classes', '3', '--of-class', 'cat');
    expect(io.errLines.join('\n')).toMatch(/--weights[^]*--num-classes[^]*--of-class/);
    await predict('a.png', '--step', '3');
    expect(io.errLines.join('\n')).toMatch(/--run: is missing[^]*--step: is of a run/);
    await predict('x/a.png', 'y/a.jpg', '--run', 'x', '--grad-cam', folder);
    expect(io.errLines.at(-1)).toContain('x/a.png: its overlay has the name of that of y/a.jpg');
    expect(io.exitCode()).toBe(2);
    expect(coordinator.asked).toEqual([]);
  });
});

describe('weightsFileOf', () => {
  it('takes the average in the folder of a checkpoint unless told otherwise, and says what is missing', async () => {
    const weights = await imageFile('weights.safetensors');
    expect(await weightsFileOf(folder, undefined)).toBe(weights);
    await expect(weightsFileOf(folder, true)).rejects.toThrow('average.safetensors');
    const average = await imageFile('average.safetensors');
    expect(await weightsFileOf(folder, undefined)).toBe(average);
    expect(await weightsFileOf(folder, false)).toBe(weights);
    expect(await weightsFileOf(weights, undefined)).toBe(weights);
    await expect(weightsFileOf(weights, true)).rejects.toThrow('one file');
    await expect(weightsFileOf(tmpdir(), undefined)).rejects.toThrow('no checkpoint');
  });
});
