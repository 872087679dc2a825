import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { evaluationResult, protocolSchema, type EvaluationView } from '#contracts';
import { fakeCoordinator, json, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../../testing/recording-io.js';
import { sampleRun } from '../../testing/sample-run.js';
import { runSkiplane } from '../../testing/run-skiplane.js';

const run = sampleRun();
const counts = { lossSum: 12, samples: 8, correct: 6, correctTop5: 7, confusion: [] };
const confusion: [number, number, number][] = [
  [0, 0, 4],
  [1, 1, 2],
  [1, 2, 2],
];
const classes = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox'];
const waiting: EvaluationView = {
  id: 'evaluation',
  runId: run.id,
  state: 'pending',
  reason: 'waits to be given workers',
  createdAt: 1,
  startedAt: null,
  finishedAt: null,
  protocol: protocolSchema.parse({ kind: 'ten-crop' }),
  split: 'val',
  networks: [{ source: `run ${run.id}, step 5`, architecture: 'resnet20', sha256: 'a'.repeat(64) }],
  progress: { samples: 0, totalSamples: 8 },
  workers: [],
  result: null,
};
const done: EvaluationView = {
  ...waiting,
  state: 'finished',
  reason: null,
  progress: { samples: 8, totalSamples: 8 },
  result: evaluationResult({ ...counts, confusion }, classes),
};

let coordinator: FakeCoordinator;
let io: RecordingIo;
beforeEach(async () => {
  coordinator = await fakeCoordinator();
  io = recordingIo();
});
afterEach(async () => await coordinator[Symbol.asyncDispose]());

const evaluate = (...words: readonly string[]): Promise<RecordingIo> =>
  runSkiplane(['evaluate', '--url', coordinator.url, ...words], { io });

describe('skiplane evaluate RUN', () => {
  it('submits the protocol and the ensemble, waits and prints errors, mistakes and classes', async () => {
    let body = '';
    coordinator.on(`GET /v1/runs/${run.id}`, json(run));
    coordinator.on(`POST /v1/runs/${run.id}/evaluations`, (request, response, text) => {
      body = text;
      json(waiting, 201)(request, response, text);
    });
    coordinator.on(`GET /v1/runs/${run.id}/evaluations/evaluation`, json(done));
    await evaluate(run.id, '--protocol', 'ten-crop', '--average', 'logits', '--ensemble', `${run.id}@5`, '--classes');
    expect(JSON.parse(body)).toEqual({
      protocol: { kind: 'ten-crop', average: 'logits' },
      split: 'val',
      ensemble: [{ run: run.id, step: 5 }],
    });
    expect(io.errLines[0]).toContain('waits to be given workers');
    const text = io.outLines.join('\n');
    for (const part of ['75.00 % right, 25.00 % error', '87.50 % right', 'loss    1.500', 'bee taken for cat: 2']) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/elk +0 +0 +-/);
    expect(io.exitCode()).toBe(0);
  });

  it('asks for the averages of all runs, or for none, where it is told to', async () => {
    const bodies: unknown[] = [];
    coordinator.on(`GET /v1/runs/${run.id}`, json(run));
    coordinator.on(`POST /v1/runs/${run.id}/evaluations`, (request, response, text) => {
      bodies.push(JSON.parse(text));
      json(done, 201)(request, response, text);
    });
    for (const flag of ['--ema', '--no-ema']) await evaluate(run.id, flag, '--ensemble', run.id);
    expect(bodies).toMatchObject([true, false].map((ema) => ({ ema, ensemble: [{ run: run.id, ema }] })));
    await evaluate('--ema', '--weights', 'a', '--data', 'b');
    expect(io.errLines.at(-1)).toContain('--ema: is of a run');
  });

  it('ends with the code of a failure, and with one line of JSON when asked', async () => {
    coordinator.on(`GET /v1/runs/${run.id}`, json(run));
    coordinator.on(
      `POST /v1/runs/${run.id}/evaluations`,
      json({ ...waiting, state: 'failed', reason: 'a bad file' }, 201),
    );
    await evaluate(run.id, '--json');
    expect(JSON.parse(io.outLines[0] ?? '')).toMatchObject({ state: 'failed', reason: 'a bad file' });
    expect(io.exitCode()).toBe(1);
  });

  it('refuses flags that mean nothing, all at once, before it asks anybody', async () => {
    await evaluate('latest', '--weights', 'a', '--data', 'b', '--num-classes', '3');
    expect(io.errLines.join('\n')).toMatch(/--num-classes[^]*--weights[^]*--data/);
    await evaluate('--step', '3');
    expect(io.errLines.join('\n')).toMatch(/--weights: is missing[^]*--data: is missing[^]*--step: is of a run/);
    await evaluate('latest', '--protocol', 'multi-scale', '--crop', '32');
    expect(io.errLines.at(-1)).toContain('--crop: means nothing for multi-scale');
    expect(io.exitCode()).toBe(2);
    expect(coordinator.asked).toEqual([]);
  });
});
