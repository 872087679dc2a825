import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runSummary, type RunMetrics, type RunSummary, type RunView } from '#contracts';
import { events, fakeCoordinator, json, sse, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../../testing/recording-io.js';
import { sampleCheckpoint, sampleRun } from '../../testing/sample-run.js';
import { choosePort } from '../../local-stack/ports.js';
import type { ThisMachine } from '../../local-stack/this-machine.js';
import { inspectFolder } from './demo-data.js';
import { runSkiplane } from '../../testing/run-skiplane.js';
import { demoCommand } from './demo-command.js';

const RUN = 'GET /v1/runs/a1b2c3d4';
const BYTES = Buffer.from('weights');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const finished = sampleRun({
  state: 'finished',
  finishedAt: 1_700_000_061_000,
  checkpoints: [sampleCheckpoint(480, SHA256)],
  weightsSha256: SHA256,
});
const step = { round: 1, epoch: 0, loss: 1, accuracy: 0.5, samples: 128, learningRate: 0.1, durationMs: 1 };
const timings = { dataMs: 0, computeMs: 0, exchangeMs: 0, updateMs: 0 };
const metrics: RunMetrics = {
  steps: [
    { ...step, step: 1, at: 1_000, timings },
    { ...step, step: 480, at: 21_000, timings },
  ],
  stretches: [],
  evaluations: [],
};

let server: FakeCoordinator;
let closed: number;
let specs: RunView['spec'][];
beforeEach(async () => {
  server = await fakeCoordinator();
  closed = 0;
  specs = [];
  server.on('GET /v1/runs?limit=100', json({ runs: [], total: 0, offset: 0, limit: 100 }));
  server.on('POST /v1/runs', (request, response, body) => {
    specs.push(JSON.parse(body));
    json(sampleRun(), 201)(request, response, body);
  });
  server.on(RUN, json(sampleRun()));
  server.on(`${RUN}/events`, events([sse('progress', finished)], 'stay'));
  server.on(`${RUN}/metrics?points=10`, json(metrics));
  server.on(`${RUN}/checkpoints/480/weights.safetensors`, (_request, response) => void response.end(BYTES));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const platform: ThisMachine = {
  provision: () => Promise.resolve(),
  drawShapes: () => Promise.resolve({ folder: '/data/my shapes', numClasses: 10 }),
  startStack: () =>
    Promise.resolve({
      url: server.url,
      [Symbol.asyncDispose]: () => {
        closed += 1;
        return Promise.resolve();
      },
    }),
};

const demo = (args: readonly string[], io = recordingIo(), machine = platform): Promise<RecordingIo> =>
  runSkiplane(['demo', ...args], {
    io,
    commands: [(setup) => demoCommand(setup, () => Promise.resolve(machine))],
  });

describe('demo', () => {
  it('ends with one line of JSON on stdout, everything else on stderr', async () => {
    const io = await demo(['--json', '--workers', '2', '--lanes', '4']);
    expect(io.outLines.map((line) => JSON.parse(line))).toEqual([
      {
        runId: 'a1b2c3d4',
        state: 'finished',
        valAccuracy: 0.68,
        weightsSha256: SHA256,
        // (10240 - 128) samples in 20 s
        imagesPerSecond: 505.6,
        workers: 2,
        lanes: 4,
      },
    ]);
    expect(io.errLines.join('\n')).toContain('downloaded and verified');
    expect(io.exitCode()).toBe(0);
    expect(closed).toBe(1);
  });

  it('submits what the options say', async () => {
    await demo(['--epochs', '3', '--lanes', '8', '--workers', '2', '--seed', '9']);
    expect(specs).toMatchObject([
      {
        name: 'demo resnet20 my-shapes',
        model: { numClasses: 10, imageSize: 32 },
        lanes: 8,
        epochs: 3,
        seed: 9,
        workers: { min: 2, max: 8 },
      },
    ]);
  });

  it('shows why a run failed and ends with 1', async () => {
    const failed = sampleRun({ state: 'failed', reason: 'loss is not finite' });
    server.on(`${RUN}/events`, events([sse('progress', failed)], 'stay'));
    const io = await demo(['--json']);
    expect(io.exitCode()).toBe(1);
    expect(io.errLines.join('\n')).toContain('failed: loss is not finite');
    expect(JSON.parse(io.outLines.join(''))).toMatchObject({ state: 'failed' });
    expect(closed).toBe(1);
  });

  it('refuses weights that are not those of the run, and still stops the stack', async () => {
    server.on(`${RUN}/checkpoints/480/weights.safetensors`, (_request, response) => void response.end('other'));
    const io = await demo([]);
    expect(io.exitCode()).toBe(3);
    expect(io.errLines.join('\n')).toContain('came damaged');
    expect(closed).toBe(1);
  });

  it('cancels its run and stops the stack at Ctrl-C', async () => {
    const io = recordingIo();
    server.on(`${RUN}/events`, (...args) => {
      events([], 'stay')(...args);
      io.interrupt();
    });
    server.on('POST /v1/runs/a1b2c3d4/cancel', json(sampleRun({ state: 'cancelled' })));
    await demo([], io);
    expect(io.exitCode()).toBe(130);
    expect(server.asked).toContain('POST /v1/runs/a1b2c3d4/cancel');
    expect(closed).toBe(1);
  });

  it('stops at Ctrl-C before there is a stack', async () => {
    const io = recordingIo();
    const slow: ThisMachine = {
      ...platform,
      provision: () => {
        io.interrupt();
        return Promise.resolve();
      },
    };
    await demo([], io, slow);
    expect(io.exitCode()).toBe(130);
    expect(server.asked).toEqual([]);
    expect(closed).toBe(0);
  });

  it('clears away what an earlier demo left, and nothing else', async () => {
    const named = (id: string, name: string): RunSummary => ({ ...runSummary(sampleRun({ id })), name });
    const runs = [named('old', 'demo resnet20 shapes'), named('mine', 'my run')];
    server.on('GET /v1/runs?limit=100', json({ runs, total: 2, offset: 0, limit: 100 }));
    server.on('POST /v1/runs/old/cancel', json(sampleRun({ state: 'cancelled' })));
    const io = await demo([]);
    expect(server.asked.filter((route) => route.endsWith('/cancel'))).toEqual(['POST /v1/runs/old/cancel']);
    expect(io.errLines.join('\n')).toContain('run mine (my run) is running: the demo shares the workers with it');
  });

  it('leaves the stack running with --keep until Ctrl-C, which then is no fault', async () => {
    const io = recordingIo();
    const done = demo(['--keep', '--json'], io);
    while (!io.errLines.some((line) => line.includes('the stack goes on')))
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(closed).toBe(0);
    io.interrupt();
    await done;
    expect(io.exitCode()).toBe(0);
    expect(closed).toBe(1);
  });

  it.each([[['--workers', '5']], [['--workers', '0']], [['--lanes', 'two']], [['--speed', '9']]])(
    'refuses %j',
    async (args) => {
      const io = await demo(args);
      expect(io.exitCode()).toBe(2);
      expect(server.asked).toEqual([]);
    },
  );
});

describe('the demo on a machine', () => {
  it('takes the usual port if it is free, else any', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const address = holder.address();
    const taken = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await choosePort(undefined, '127.0.0.1', taken)).toBe(0);
    await new Promise((resolve) => holder.close(resolve));
    expect(await choosePort(undefined, '127.0.0.1', taken)).toBe(taken);
    expect(await choosePort(8080, '127.0.0.1', taken)).toBe(8080);
  });

  it('counts the classes of a folder and refuses one that is no data set', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-demo-'));
    try {
      await expect(inspectFolder(folder)).rejects.toMatchObject({
        faults: [{ path: join(folder, 'train') }, { path: join(folder, 'val') }],
      });
      await mkdir(join(folder, 'val'));
      await mkdir(join(folder, 'train', 'cats'), { recursive: true });
      await expect(inspectFolder(folder)).rejects.toThrow('is no data set');
      await mkdir(join(folder, 'train', 'dogs'));
      await mkdir(join(folder, 'train', '.cache'));
      expect(await inspectFolder(folder)).toEqual({ folder, numClasses: 2 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
