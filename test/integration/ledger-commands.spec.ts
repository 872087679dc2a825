import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Report, StepMetrics } from '#contracts';
import { runSkiplane } from '../../apps/cli/src/testing/run-skiplane.js';
import type { RecordingIo } from '../../apps/cli/src/testing/recording-io.js';
import { TestStack } from '../../apps/coordinator/src/testing/test-stack.js';
import { until } from '../../apps/coordinator/src/testing/until.js';

jest.setTimeout(30_000);

/** 10 samples, 4 a step: 3 steps an epoch. */
const TOTAL_STEPS = 6;

/** A real coordinator in process; its workers compute nothing, but every run of one length has the same steps. */
describe('the commands that read the ledger', () => {
  let stack: TestStack;
  let first: string;
  let second: string;

  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
    await stack.fleet.add('w1');
    first = (await stack.trained()).id;
    second = (await stack.trained()).id;
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const skiplane = (...words: string[]): Promise<RecordingIo> => runSkiplane([...words, '--url', stack.url]);

  /** Has a worker report a step again, otherwise than before. */
  async function misreport(id: string, step: number, changes: Partial<StepMetrics>): Promise<void> {
    const run = await stack.registry.find(id);
    const metrics = await run?.detail.ask(({ training }) => training.series.get(step));
    if (run === undefined || metrics === undefined) throw new Error(`run ${id} has no step ${step}`);
    const report: Report = {
      kind: 'steps',
      runId: id,
      incarnation: 1,
      workerId: 'w1',
      steps: [{ ...metrics, ...changes }],
    };
    await run.commit(report);
  }

  it('verify finds nothing wrong with a run that is right', async () => {
    const io = await skiplane('verify', first);
    expect(io.outLines.join('\n')).toMatch(
      /1 +10 of 10 +0 +0 +0 +[0-9a-f]{64}\n[^]*right, every step[^]*weights: right/,
    );
    expect(io.exitCode()).toBe(0);
    const json = JSON.parse((await skiplane('verify', first, '--json')).outLines.join('')) as object;
    expect(json).toMatchObject({
      runId: first,
      isRight: true,
      steps: TOTAL_STEPS,
      epochs: [
        { epoch: 0, samples: 10, expected: 10, missing: 0, repeated: 0 },
        { epoch: 1, samples: 10, expected: 10, missing: 0, repeated: 0 },
      ],
      faults: [],
      weights: { step: TOTAL_STEPS, verdict: 'same' },
    });
  });

  it('verify is content with a run under way, and with one that has not begun', async () => {
    stack.fleet.untilRound = 2;
    const { id } = await stack.submit();
    const io = await skiplane('verify', id);
    expect(io.exitCode()).toBe(0);
    await until(
      () => skiplane('verify', id, '--json'),
      ({ outLines }) => (JSON.parse(outLines.join('')) as { steps: number }).steps === 2,
    );
    expect((await skiplane('verify', id)).outLines.join('\n')).toMatch(/running: 2 of 6 steps[^]*no checkpoint yet/);
    // As far as both have got they are the same; the one that is over may be the longer one only.
    expect((await skiplane('diff', id, first)).exitCode()).toBe(0);
    stack.fleet.untilRound = Infinity;
    await until(
      () => stack.run(id),
      ({ state }) => state === 'finished',
    );
  });

  it('verify names the step whose samples are too many, and the weights that are not those', async () => {
    const { id } = await stack.trained({ name: 'wrong' });
    await misreport(id, 5, { samples: 5, loss: 9 });
    const record = (await stack.registry.findTraining(id))?.record;
    await writeFile(join(record?.checkpoints.at(-1)?.directory ?? '', 'weights.safetensors'), 'other bytes');
    const io = await skiplane('verify', id);
    expect(io.exitCode()).toBe(6);
    expect(io.outLines).toHaveLength(1);
    expect(io.outLines.join('\n')).toMatch(/11 of 10 +0 +1 /);
    expect(io.outLines.join('\n')).toContain('wrong: step 5 has 5 samples instead of 4');
    expect(io.outLines.join('\n')).toContain('wrong: the weights of step 6 have SHA-256');
    const json = JSON.parse((await skiplane('verify', id, '--json')).outLines.join('')) as object;
    expect(json).toMatchObject({ isRight: false, weights: { verdict: 'differs' } });
  });

  it('diff finds two runs the same, or names the first step that differs and in what', async () => {
    const same = await skiplane('diff', first, second);
    expect(same.exitCode()).toBe(0);
    expect(same.outLines.join('\n')).toMatch(/the same up to step 6\nthe same weights/);

    const { id: other } = await stack.trained({ name: 'other' });
    await misreport(other, 4, { loss: 7, learningRate: 0.2, digest: 'f'.repeat(32) });
    const io = await skiplane('diff', first, other);
    expect(io.exitCode()).toBe(6);
    expect(io.outLines.join('\n')).toMatch(
      /same up to step 3\nstep 4 differs in learning rate, loss, digest of the reduced gradient\n +a .*rate 0\.1, .*\n +b .*rate 0\.2, loss 7, digest ffff/,
    );
    const json = JSON.parse((await skiplane('diff', first, other, '--json')).outLines.join('')) as object;
    expect(json).toMatchObject({
      a: first,
      b: other,
      isSame: false,
      sameSteps: 3,
      first: { step: 4, what: ['learningRate', 'loss', 'digest'], a: { learningRate: 0.1 }, b: { learningRate: 0.2 } },
      longer: null,
    });
  });

  it('diff tells a run that ended sooner from one that goes on', async () => {
    const { id: short } = await stack.trained({ name: 'short', epochs: 1 });
    const io = await skiplane('diff', short, first);
    expect(io.exitCode()).toBe(6);
    expect(io.outLines.join('\n')).toContain('the same up to step 3\nb goes on from there, a does not');
  });

  it('ends with 5 where there is no such run, or no step to compare', async () => {
    expect((await skiplane('verify', 'none')).exitCode()).toBe(5);
    expect((await skiplane('diff', first, 'none')).exitCode()).toBe(5);
    stack.fleet.untilRound = 0;
    const { id: waiting } = await stack.submit();
    const io = await skiplane('diff', first, waiting);
    expect(io.exitCode()).toBe(5);
    expect(io.errLines.join('\n')).toContain(`no committed step yet in ${waiting}`);
  });
});
