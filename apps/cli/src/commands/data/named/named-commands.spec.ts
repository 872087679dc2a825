import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { datasetSchema, datasetViewSchema, type DatasetView } from '#contracts';
import { fakeCoordinator, json, problem, type FakeCoordinator } from '../../../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../../../testing/recording-io.js';
import { runSkiplane } from '../../../testing/run-skiplane.js';

const DATASET = datasetSchema.parse({ kind: 'image-folder', path: '/data/pets', shuffle: 'blocks' });
const VERSION = {
  version: 2,
  digest: 'ab'.repeat(32),
  surveyedAt: 1,
  numTrainSamples: 1_200,
  numValidationSamples: 30,
  numClasses: 2,
  numSkipped: 0,
};

/** A data set as the coordinator shows it. */
function view(survey: Partial<DatasetView['survey']> = {}, changes: Partial<DatasetView> = {}): DatasetView {
  return datasetViewSchema.parse({
    name: 'pets',
    kind: 'image-folder',
    path: '/data/pets',
    createdAt: 1,
    dataset: DATASET,
    survey: {
      state: 'ready',
      message: 'fit for training',
      numSamples: 1_230,
      numExpected: 1_230,
      startedAt: 1,
      finishedAt: 2,
      problem: null,
      ...survey,
    },
    newest: VERSION,
    numVersions: 1,
    numRuns: 1,
    versions: [{ ...VERSION, dataset: DATASET }],
    content: {
      classes: ['cat', 'dog'].map((name) => ({ name, readableName: name, numTrain: 600, numValidation: 15 })),
      formats: { jpeg: 1_230 },
      width: { min: 10, median: 20, max: 40 },
      height: null,
      sizeBytes: null,
      numTurned: 0,
      numWithProfile: 0,
      others: [{ extension: '.txt', kind: 'text', count: 3 }],
      broken: [],
      numBroken: 0,
    },
    runs: [{ id: 'r1', name: 'first', state: 'running', createdAt: 1, version: 2 }],
    ...changes,
  });
}

describe('skiplane data, names', () => {
  let server: FakeCoordinator;
  let folder: string;
  const bodies: unknown[] = [];
  beforeEach(async () => {
    server = await fakeCoordinator();
    folder = await mkdtemp(join(tmpdir(), 'skiplane-names-'));
    bodies.length = 0;
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const data = (words: readonly string[], io?: RecordingIo): Promise<RecordingIo> =>
    runSkiplane(['data', ...words, '--url', server.url], io && { io });
  const taking =
    (content: unknown, status = 201) =>
    (request: IncomingMessage, response: ServerResponse, body: string): void => {
      bodies.push(JSON.parse(body));
      json(content, status)(request, response, body);
    };

  it('gives a folder a name, waits for its survey, and says how that ended', async () => {
    for (const name of ['train/cat', 'train/dog', 'val/cat', 'val/dog'])
      await mkdir(join(folder, name), { recursive: true });
    server.on('POST /v1/datasets', taking(view({ state: 'waiting', message: 'waits to be looked at' })));
    server.on('GET /v1/datasets/pets', json(view({ state: 'running', numSamples: 700 })), json(view()));
    const io = await data(['add', 'pets', folder, '--shuffle', 'blocks', '--validation-share', '0.2']);
    expect(bodies).toEqual([
      expect.objectContaining({ name: 'pets', kind: 'image-folder', path: folder, shuffle: 'blocks' }),
    ]);
    expect(bodies[0]).toMatchObject({ split: { validation: 0.2, seed: 0 } });
    expect(server.asked).toEqual(['POST /v1/datasets', 'GET /v1/datasets/pets', 'GET /v1/datasets/pets']);
    expect(io.outLines).toEqual(['pets@2: 1,200 + 30 images of 2 classes, fit for training']);
    expect(io.exitCode()).toBe(0);
  });

  it('puts a name to another place, without waiting where asked', async () => {
    server.on('PUT /v1/datasets/pets', taking(view({ state: 'running' }), 200));
    const words = ['add', 'pets', 's3://bucket/pets', '--kind', 'webdataset', '--replace', '--detach', '--json'];
    const io = await data(words);
    expect(bodies[0]).toMatchObject({ kind: 'webdataset', path: 's3://bucket/pets' });
    expect(bodies[0]).not.toHaveProperty('name');
    expect(datasetViewSchema.parse(JSON.parse(io.outLines.join(''))).name).toBe('pets');
  });

  it('refuses what is no name, flags that do not fit, and a name that is taken', async () => {
    const io = await data(['add', 'a/b', 's3://bucket/x', '--kind', 'cifar10']);
    expect([io.exitCode(), io.errLines.join('\n')]).toEqual([2, expect.stringContaining('is no name of a data set')]);
    const words = ['add', 'x', 's3://bucket/x', '--kind', 'cifar10', '--labels', 'fine'];
    expect((await data(words)).errLines.join('\n')).toContain('--labels: means nothing for the kind cifar10');
    expect((await data(['add', 'x', join(folder, 'none')])).exitCode()).toBe(2);
    server.on('POST /v1/datasets', problem(409, 'Conflict'));
    expect((await data(['add', 'x', 's3://bucket/x', '--kind', 'cifar10'])).exitCode()).toBe(5);
    expect(server.asked).toEqual(['POST /v1/datasets']);
  });

  it('surveys again: a refusal names every fault; Ctrl-C detaches, --cancel ends it', async () => {
    const refused = view({
      state: 'refused',
      message: 'is refused',
      problem: { type: 'about:blank', title: 'x', status: 422, errors: [{ path: 'train/cat', message: 'is empty' }] },
    });
    server.on('POST /v1/datasets/pets/survey', json(refused));
    const io = await data(['survey', 'pets']);
    expect([io.exitCode(), io.outLines]).toEqual([
      2,
      ['pets: not fit for training: is refused\n  train/cat: is empty'],
    ]);
    server.on('POST /v1/datasets/pets/survey', json(view({ state: 'running' })));
    const interrupted = recordingIo();
    interrupted.interrupt();
    await data(['survey', 'pets'], interrupted);
    expect([interrupted.exitCode(), interrupted.errLines.at(-1)]).toEqual([130, expect.stringContaining('detached')]);
    server.on('POST /v1/datasets/pets/survey/cancel', json(view({ state: 'cancelled', message: 'was cancelled' })));
    expect((await data(['survey', 'pets', '--cancel'])).outLines).toEqual(['pets: was cancelled']);
  });

  it('lists, shows and removes', async () => {
    const { dataset: _, versions: _1, content: _2, runs: _3, ...summary } = view();
    const unreadable = [{ id: 'torn', reason: 'torn.json is cut off' }];
    server.on('GET /v1/datasets', json({ datasets: [summary], unreadable }));
    const list = await data(['list']);
    expect(list.outLines.join('\n')).toMatch(/^NAME .*\npets@2 +image-folder +1,200 +30 +2 +ready +1 +\/data\/pets$/);
    expect(list.errLines).toEqual(['torn cannot be read and is left as it is: torn.json is cut off']);
    server.on('GET /v1/datasets/pets', json(view()));
    const shown = (await data(['show', 'pets'])).outLines.join('\n');
    expect(shown).toMatch(/^pets: image-folder in \/data\/pets\nsettings {4}shuffle "blocks"/);
    for (const part of [/left out +3 files/, /cat +600 +15/, /2 +abababababab +1,200/, /r1 +first +running +2/])
      expect(shown).toMatch(part);
    server.on('DELETE /v1/datasets/pets', json(view()));
    expect((await data(['remove', 'pets'])).outLines).toEqual(['pets is no name any more; /data/pets stays as it is']);
    server.on('GET /v1/datasets/none', problem(404, 'Not Found'));
    expect((await data(['show', 'none'])).exitCode()).toBe(5);
  });
});
