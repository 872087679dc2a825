import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { events, fakeCoordinator, json, problem, sse, type FakeCoordinator } from '../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../testing/recording-io.js';
import { runSkiplane } from '../testing/run-skiplane.js';
import { sampleRun } from '../testing/sample-run.js';

const finished = sampleRun({ state: 'finished', finishedAt: 1_700_000_061_000, weightsSha256: 'e'.repeat(64) });
const spec = {
  name: 'x',
  model: { architecture: 'resnet20', numClasses: 2 },
  dataset: { kind: 'image-folder', path: 'd' },
  epochs: 1,
};

let server: FakeCoordinator;
let folder: string;
beforeEach(async () => {
  server = await fakeCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-cli-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const skiplane = (words: readonly string[], io?: RecordingIo): Promise<RecordingIo> =>
  runSkiplane([...words, '--url', server.url], io === undefined ? {} : { io });

describe('skiplane submit', () => {
  it('names every fault before it asks anybody', async () => {
    const io = await skiplane(
      ['submit', '-'],
      recordingIo(JSON.stringify({ ...spec, epochs: 0, lanes: 'four', turbo: true })),
    );
    expect(io.exitCode()).toBe(2);
    for (const path of ['epochs', 'lanes', 'turbo']) expect(io.errLines.join('\n')).toContain(path);
    expect(server.asked).toEqual([]);
  });

  it.each([
    ['{"name": ', 'stdin is not JSON'],
    ['[]', 'stdin is not a run'],
  ])('refuses %p', async (text, words) => {
    const io = await skiplane(['submit', '-'], recordingIo(text));
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toContain(words);
  });

  it('refuses a file that is not there', async () => {
    const io = await skiplane(['submit', join(folder, 'no.json')]);
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toContain('cannot read');
  });

  it('submits a file under the given key and prints the run', async () => {
    const file = join(folder, 'run.json');
    await writeFile(file, `\uFEFF${JSON.stringify(spec)}`);
    let key: unknown;
    server.on('POST /v1/runs', (request, response, body) => {
      key = request.headers['idempotency-key'];
      json(sampleRun(), 201)(request, response, body);
    });
    const io = await skiplane(['submit', file, '--idempotency-key', 'k1', '--json']);
    expect(io.exitCode()).toBe(0);
    expect(key).toBe('k1');
    expect(JSON.parse(io.outLines.join(''))).toEqual(sampleRun());
  });

  it('prints the problem of the coordinator with every fault', async () => {
    server.on('POST /v1/runs', problem(422, 'Refused', [{ path: 'dataset.path', message: 'no such folder' }]));
    const io = await skiplane(['submit', '-'], recordingIo(JSON.stringify(spec)));
    expect(io.exitCode()).toBe(2);
    expect(io.errLines).toEqual(['skiplane: Refused: details of Refused\n  dataset.path: no such folder']);
  });

  it('leaves a submission alone that takes long when it is interrupted, and says how it is found', async () => {
    const io = recordingIo(JSON.stringify(spec));
    server.on('POST /v1/runs', () => io.interrupt());
    await skiplane(['submit', '-', '--idempotency-key', 'k2'], io);
    expect(io.exitCode()).toBe(130);
    expect(io.errLines.at(-1)).toContain('--idempotency-key k2 finds what it becomes');
  });

  it('watches when asked to', async () => {
    server.on('POST /v1/runs', json(sampleRun(), 201));
    server.on('GET /v1/runs/a1b2c3d4', json(sampleRun()));
    server.on('GET /v1/runs/a1b2c3d4/events', events([sse('progress', finished)], 'stay'));
    const io = await skiplane(['submit', '-', '--watch'], recordingIo(JSON.stringify(spec)));
    expect(io.exitCode()).toBe(0);
    expect(io.outLines.join('\n')).toContain('e'.repeat(64));
  });
});
