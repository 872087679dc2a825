import { writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workerTimesSchema, type StepMetrics } from '#contracts';
import { fakeCoordinator, json } from '../../testing/fake-coordinator.js';
import { runSkiplane } from '../../testing/run-skiplane.js';
import { sampleRun } from '../../testing/sample-run.js';
import { changesThatHelp } from './changes-that-help.js';
import { planStep, type Cluster, type StepWork } from './step-model.js';

/** A million elements, two megabytes of them statistics: 4 MB, 3.2 ms at 10 Gb/s without frames. */
const WORK: StepWork = {
  lanes: 8,
  laneBatchSize: 32,
  wire: 'fp32',
  vectorLength: 1e6,
  numTrained: 9e5,
  stages: [{ numElements: 1e6, doneShare: 1 }],
  computeMs: 20,
  dataMs: 0,
  updateMs: 2,
  vectorMs: 0,
};
const CLUSTER: Cluster = { workers: 8, workersPerHost: 1, servers: 2, engines: 1, bitsPerSecond: 1e9 };
/** Of so many bytes at 1 Gb/s, of which nine in ten are payload. */
const lineMs = (bytes: number): number => (bytes * 8) / 0.9 / 1e6;

describe('a step’s model', () => {
  it('adds computing, exchanging and updating', () => {
    const plan = planStep(WORK, CLUSTER);
    expect(plan.stepMs).toBeCloseTo(20 + 2 + plan.exchangeMs, 6);
    expect(plan.imagesPerSecond).toBeCloseTo((8 * 32 * 1_000) / plan.stepMs, 6);
    expect(plan.efficiency).toBeCloseTo(22 / plan.stepMs, 6);
  });

  it('exchanges at the pace of the fullest line, and the last piece behind it', () => {
    const { passagesMs, exchangeMs, lastPieceMs, bound } = planStep(WORK, CLUSTER);
    expect(passagesMs['worker line']).toBeCloseTo(lineMs(4e6), 6);
    // Eight workers, two servers.
    expect(passagesMs['server line']).toBeCloseTo(4 * lineMs(4e6), 6);
    expect(lastPieceMs).toBeCloseTo(8 * lineMs(2 ** 20), 6);
    expect(exchangeMs).toBeCloseTo(4 * lineMs(4e6) + 8 * lineMs(2 ** 20), 6);
    expect(bound).toBe('server line');
    expect(planStep(WORK, { ...CLUSTER, servers: 16 }).bound).toBe('worker line');
  });

  it('shares the line of a host among its workers', () => {
    const { passagesMs } = planStep(WORK, { ...CLUSTER, workersPerHost: 4, servers: 8 });
    expect(passagesMs['worker line']).toBeCloseTo(4 * lineMs(4e6), 6);
  });

  it('counts bytes by the wire: gradients in 16 bits, statistics as they are', () => {
    expect(planStep({ ...WORK, wire: 'bf16' }, CLUSTER).vectorBytes).toBe(9e5 * 2 + 1e5 * 4);
  });

  it('computes in turns, as many lanes at once as there are engines', () => {
    expect(planStep(WORK, { ...CLUSTER, workers: 3 }).turns).toBe(3);
    expect(planStep(WORK, { ...CLUSTER, workers: 3, engines: 2 }).computeMs).toBe(40);
  });

  it('pushes a vector for each whole subtree: three lanes of four are two', () => {
    const two = planStep({ ...WORK, lanes: 4 }, { ...CLUSTER, workers: 2 }).passagesMs['worker line'];
    const uneven = planStep({ ...WORK, lanes: 5 }, { ...CLUSTER, workers: 2 }).passagesMs['worker line'];
    expect(two).toBeCloseTo(lineMs(4e6), 6);
    // Lanes 0 to 2 of five are the left subtree; 3 and 4 the right one.
    expect(uneven).toBeCloseTo(lineMs(4e6), 6);
    const odd = planStep({ ...WORK, lanes: 8 }, { ...CLUSTER, workers: 3 }).passagesMs['worker line'];
    expect(odd).toBeCloseTo(2 * lineMs(4e6), 6);
  });

  it('exchanges nothing in a worker that is alone', () => {
    const plan = planStep(WORK, { ...CLUSTER, workers: 1 });
    expect(plan).toMatchObject({ exchangeMs: 0, efficiency: 1, stepMs: 162, bound: 'compute' });
  });

  it('takes the vector from the device and back where workers are several', () => {
    const work = { ...WORK, vectorMs: 7 };
    expect(planStep(work, CLUSTER).stepMs).toBeCloseTo(planStep(WORK, CLUSTER).stepMs + 7, 6);
    expect(planStep(work, { ...CLUSTER, workers: 1 }).stepMs).toBe(162);
  });

  describe('with overlap', () => {
    /** A quarter of the gradients is known after half of the computing. */
    const stages = [
      { numElements: 2.5e5, doneShare: 0.5 },
      { numElements: 7.5e5, doneShare: 1 },
    ];
    const staged = (computeMs: number): StepWork => ({ ...WORK, computeMs, stages });
    const travelMs = 4 * lineMs(4e6);

    it('hides what travels before all is computed', () => {
      const { hiddenMs, stepMs, exchangeMs } = planStep(staged(1_000), CLUSTER);
      expect(hiddenMs).toBeCloseTo(travelMs / 4, 6);
      expect(stepMs).toBeCloseTo(1_000 + 2 + exchangeMs - travelMs / 4, 6);
    });

    it('hides no more than what is computed behind the first stage', () => {
      expect(planStep(staged(20), CLUSTER).hiddenMs).toBeCloseTo(10, 6);
    });

    it('hides nothing where lanes take turns, and in a worker that is alone', () => {
      expect(planStep(staged(1_000), { ...CLUSTER, workers: 4 }).hiddenMs).toBe(0);
      expect(planStep(staged(1_000), { ...CLUSTER, workers: 1 }).hiddenMs).toBe(0);
    });

    it('is named where it would help', () => {
      const work = { ...WORK, computeMs: 1_000 };
      const advice = changesThatHelp(work, planStep(work, CLUSTER), stages).map(({ change }) => change);
      expect(advice).toContain('SKIPLANE_OVERLAP=on');
      const on = changesThatHelp(staged(1_000), planStep(staged(1_000), CLUSTER), stages);
      expect(on.map(({ change }) => change)).not.toContain('SKIPLANE_OVERLAP=on');
    });
  });

  it('is bound by processors where lines are fast', () => {
    const plan = planStep(WORK, { ...CLUSTER, bitsPerSecond: 1e12 });
    expect(plan.bound).toBe('compute');
    expect(plan.passagesMs['server processor']).toBeGreaterThan(plan.passagesMs['server line']);
  });

  it('names what would help, the best first, and nothing that would not', () => {
    const advice = changesThatHelp(WORK, planStep(WORK, CLUSTER), WORK.stages);
    expect(advice.map(({ change }) => change).toSorted()).toEqual([
      '"laneBatchSize": 64',
      '"wire": "bf16"',
      '4 parameter servers',
      'lines of 2 Gb/s',
    ]);
    const rates = advice.map(({ imagesPerSecond }) => imagesPerSecond);
    expect(rates).toEqual(rates.toSorted((one, other) => other - one));
    const alone = changesThatHelp(WORK, planStep(WORK, { ...CLUSTER, workers: 1 }), WORK.stages);
    expect(alone).toEqual([]);
  });
});

describe('skiplane plan', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiplane-plan-'));
  const file = join(folder, 'run.json');
  beforeAll(async () => {
    const spec = {
      name: 'r50',
      model: { architecture: 'resnet50', numClasses: 1_000 },
      dataset: { kind: 'image-folder', path: '/data' },
      lanes: 8,
      laneBatchSize: 256,
      epochs: 1,
    };
    await writeFile(file, JSON.stringify(spec));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('plans a spec with given times', async () => {
    const io = await runSkiplane(
      `plan ${file} --workers 1,8 --bandwidth 10G --parameter-servers 8 --compute-ms 104 --json`.split(' '),
    );
    const { work, plans } = JSON.parse(io.outLines.join('')) as {
      work: StepWork;
      plans: readonly { stepMs: number; exchangeMs: number; hiddenMs: number; efficiency: number }[];
    };
    const [alone, eight] = plans;
    expect(work).toMatchObject({ vectorLength: 25_610_156, numTrained: 25_557_032, computeMs: 104 });
    expect(alone).toMatchObject({ stepMs: 832, exchangeMs: 0, efficiency: 1 });
    expect(eight?.hiddenMs).toBeGreaterThan(0);
    expect(eight?.stepMs).toBeCloseTo(104 + (eight?.exchangeMs ?? 0) - (eight?.hiddenMs ?? 0), 6);
  });

  it.each([
    ['', true],
    ['--overlap off', false],
    ['--vector-ms 70', false],
    ['--vector-ms 70 --overlap on', true],
  ])('hides part of the exchange by %p: %p', async (flags, isHidden) => {
    const words = `plan ${file} --workers 8 --bandwidth 10G --compute-ms 104 --json ${flags}`.trim().split(' ');
    const io = await runSkiplane(words);
    const { plans } = JSON.parse(io.outLines.join('')) as { plans: readonly { hiddenMs: number }[] };
    expect(plans.map(({ hiddenMs }) => hiddenMs > 0)).toEqual([isHidden]);
  });

  it('gives each worker so many lanes where it is asked to', async () => {
    const io = await runSkiplane(
      `plan ${file} --workers 2,512 --lanes-per-worker 2 --bandwidth 10G --compute-ms 104 --json`.split(' '),
    );
    const { plans } = JSON.parse(io.outLines.join('')) as { plans: readonly { lanes: number; computeMs: number }[] };
    expect(plans).toMatchObject([
      { lanes: 4, computeMs: 208 },
      { lanes: 1024, computeMs: 208 },
    ]);
  });

  it('prints a table, what bounds the run and what would help', async () => {
    const io = await runSkiplane(`plan ${file} --workers 8 --bandwidth 1G --compute-ms 104`.split(' '));
    const text = io.outLines.join('\n');
    expect(text).toMatch(/^r50: a gradient of 102.4 MB, 2 parameter servers, 1 Gb\/s a host\n/);
    expect(text).toMatch(/ {6}8 .*server line/);
    expect(text).toMatch(/What would help 8 workers:\n.*parameter servers|wire/);
  });

  it('takes the times of a run from its recorded steps', async () => {
    await using server = await fakeCoordinator();
    const step = (number: number, computeMs: number): StepMetrics => ({
      step: number,
      round: number - 1,
      epoch: 0,
      loss: 1,
      accuracy: 0.5,
      samples: 128,
      learningRate: 0.1,
      at: number,
      durationMs: computeMs + 30,
      timings: { dataMs: 4, computeMs, exchangeMs: 20, updateMs: 6 },
    });
    // The first ones are slower.
    const steps = Array.from({ length: 20 }, (_, index) => step(index + 1, index < 5 ? 900 : 80));
    server.on('GET /v1/runs/a1b2c3d4', json(sampleRun()), json(sampleRun({ stragglerReport: [twoLanes] })));
    server.on('GET /v1/runs/a1b2c3d4/metrics?points=1000', json({ steps, stretches: [], evaluations: [] }));
    const words = `plan --run a1b2c3d4 --workers 4 --bandwidth 10G --json --url ${server.url}`.split(' ');
    const over = await runSkiplane(words);
    expect(JSON.parse(over.errLines.join(''))).toMatchObject({ faults: [{ path: '--run-workers' }] });
    const io = await runSkiplane(words);
    expect(JSON.parse(io.outLines.join(''))).toMatchObject({ work: { computeMs: 40, dataMs: 4, updateMs: 6 } });
  });
  const twoLanes = workerTimesSchema.parse({
    workerId: 'w',
    lanes: 2,
    engines: 1,
    steps: 5,
    turnMs: { least: 1, median: 1, most: 1 },
    restMs: 1,
    phases: { data: 0, compute: 1, exchange: 0 },
    slowness: null,
  });

  it.each([
    ['--workers 8 --bandwidth 10G', ['file', '--compute-ms']],
    [`${file} --workers 8 --bandwidth 10G`, ['--compute-ms']],
    ['--workers 8 --bandwidth 10G --compute-ms 3', ['file']],
  ])('refuses %s', async (words, faults) => {
    const io = await runSkiplane(['plan', ...words.split(' '), '--json']);
    expect(io.exitCode()).toBe(2);
    const said = JSON.parse(io.errLines.join('')) as { faults: { path: string }[] };
    expect(said.faults.map(({ path }) => path)).toEqual(faults);
  });

  it.each(['10', 'fast', '0G', '-1G'])('refuses a bandwidth of %s', async (rate) => {
    const io = await runSkiplane(['plan', file, '--workers', '8', '--bandwidth', rate, '--compute-ms', '3']);
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toMatch(/bits per second|unknown option/);
  });
});
