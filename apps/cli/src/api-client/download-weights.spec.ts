import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CheckpointName, RunView } from '#contracts';
import { downloadWeights } from './download-weights.js';
import { SkiplaneClient } from './skiplane-client.js';
import { fakeCoordinator, type FakeCoordinator } from '../testing/fake-coordinator.js';
import { sampleCheckpoint, sampleRun } from '../testing/sample-run.js';

const BYTES = Buffer.from('hello');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const route = (step: number): string => `GET /v1/runs/a1b2c3d4/checkpoints/${step}/weights.safetensors`;

let server: FakeCoordinator;
let folder: string;
let run: RunView;
beforeEach(async () => {
  server = await fakeCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-weights-'));
  run = sampleRun({ checkpoints: [sampleCheckpoint(100, 'f'.repeat(64)), sampleCheckpoint(200, SHA256)] });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const download = (step?: CheckpointName, ema?: boolean): ReturnType<typeof downloadWeights> => {
  const client = new SkiplaneClient({ url: server.url, retryDelayMs: 1 });
  return downloadWeights(client, run, join(folder, 'w.safetensors'), { step, ema });
};

describe('downloadWeights', () => {
  it('writes the newest weights when they are what the run says', async () => {
    server.on(route(200), (_request, response) => void response.end(BYTES));
    expect(await download()).toEqual({ step: 200, kind: 'trained', sha256: SHA256, sizeBytes: 5 });
    expect(await readdir(folder)).toEqual(['w.safetensors']);
    expect(await readFile(join(folder, 'w.safetensors'))).toEqual(BYTES);
  });

  it('writes the best weights where the run keeps them', async () => {
    const best = { ...sampleCheckpoint(100, SHA256), isBest: true };
    run = sampleRun({ checkpoints: [best, sampleCheckpoint(200, 'f'.repeat(64))] });
    server.on(route(100), (_request, response) => void response.end(BYTES));
    expect(await download('best')).toMatchObject({ step: 100, sha256: SHA256 });
  });

  it('takes the average where the run keeps one, verified too, and the other weights when told', async () => {
    const { regularization, ...spec } = run.spec;
    const [checkpoint] = run.checkpoints;
    if (checkpoint === undefined) throw new Error('the sample has no checkpoint');
    run = {
      ...run,
      spec: { ...spec, regularization: { ...regularization, ema: { decay: 0.9, everySteps: 1 } } },
      checkpoints: [{ ...checkpoint, averageSha256: SHA256 }],
    };
    server.on(route(100).replace('weights.', 'average.'), (_request, response) => void response.end(BYTES));
    server.on(route(100), (_request, response) => void response.end(BYTES));
    expect(await download()).toEqual({ step: 100, kind: 'average', sha256: SHA256, sizeBytes: 5 });
    await expect(download(undefined, false)).rejects.toThrow(`the run says ${'f'.repeat(64)}`);
    run = { ...run, checkpoints: [{ ...checkpoint, averageSha256: 'b'.repeat(64) }] };
    await expect(download()).rejects.toThrow('came damaged');
  });

  it('says so where the run keeps no average', async () => {
    await expect(download(undefined, true)).rejects.toThrow('keeps no average');
  });

  it('leaves the old file and no other when the bytes are damaged', async () => {
    await writeFile(join(folder, 'w.safetensors'), 'old');
    server.on(route(100), (_request, response) => void response.end(BYTES));
    await expect(download(100)).rejects.toThrow('came damaged');
    expect(await readdir(folder)).toEqual(['w.safetensors']);
    expect(await readFile(join(folder, 'w.safetensors'), 'utf8')).toBe('old');
  });

  it('says that a download broke off', async () => {
    server.on(route(200), (request, response) => {
      response.writeHead(200, { 'Content-Length': 5 });
      response.write('he', () => setImmediate(() => request.socket.destroy()));
    });
    await expect(download()).rejects.toThrow('the download broke off');
    expect(await readdir(folder)).toEqual([]);
  });

  it('names the steps there are when another is asked for', async () => {
    await expect(download('best')).rejects.toThrow('no best checkpoint; it has those of steps 100, 200');
    await expect(download(150)).rejects.toThrow('no checkpoint of step 150; it has those of steps 100, 200');
  });

  it('refuses a place that cannot be written to', async () => {
    const client = new SkiplaneClient({ url: server.url });
    await expect(downloadWeights(client, run, join(folder, 'missing', 'w'))).rejects.toThrow('cannot write');
  });
});
