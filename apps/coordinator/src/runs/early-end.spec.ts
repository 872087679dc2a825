import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import type { RunSpecInput, RunView } from '#contracts';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

/** 22 samples, 4 a step: 6 steps an epoch, and one round more that evaluates. */
const NUM_TRAIN = 22;
const EPOCHS = 4;
/** Ten of them are an hour. */
const STEP_MS = 360_000;

jest.setTimeout(60_000);

describe('a run that ends by time or by what is not finite', () => {
  let stack: TestStack;
  stackForEach(
    async (opened) => {
      stack = opened;
      await stack.start();
      stack.fleet.stepMs = STEP_MS;
    },
    { numTrain: NUM_TRAIN, numVal: 6 },
  );

  const submit = (stopWhen: RunSpecInput['stopWhen']): Promise<RunView> =>
    stack.submit({ epochs: EPOCHS, checkpoint: { everySteps: 4, keep: 3 }, stopWhen });
  const inState = (id: string, state: RunView['state']): Promise<RunView> =>
    until(
      () => stack.run(id),
      (run) => run.state === state,
      { timeoutMs: 20_000 },
    );
  const reached = (id: string, step: number): Promise<RunView> =>
    until(
      () => stack.run(id),
      ({ progress }) => progress.step >= step,
    );
  /** Has the run commit the steps from 9 on that a worker reports late. */
  async function reportLate(id: string, steps: readonly number[]): Promise<void> {
    const run = stack.registry.loaded(id);
    const eighth = run?.loadedDetail?.training.series.get(8);
    if (run === undefined || eighth === undefined) throw new Error('the run has no step 8');
    // Of the second epoch: one round before it evaluated.
    const late = steps.map((step) => ({ ...eighth, step, round: step, epoch: 1 }));
    await run.commit({ kind: 'steps', runId: id, incarnation: 1, workerId: 'w1', steps: late });
  }
  const used = 'its training time of 1 hour is used up';

  function expectEnd(run: RunView, stopped: RunView['stopped']): void {
    const last = run.checkpoints.find(({ step }) => step === stopped?.step);
    expect(run).toMatchObject({ state: 'finished', stopped, reason: null, workers: [] });
    expect(run.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(run.weightsSha256).toBe(last?.weightsSha256);
  }

  it('ends with the checkpoint that its workers write when its hours are used up', async () => {
    await stack.fleet.add('w1');
    await stack.fleet.add('w2');
    // Round 6 evaluates: 11 rounds are 10 steps.
    stack.fleet.untilRound = 11;
    const { id } = await submit({ hours: 1 });
    expectEnd(await inState(id, 'finished'), { step: 10, epoch: 1, cause: 'time', reason: used });
    expect(stack.fleet.committed).toHaveLength(11);
  });

  it('ends neither before its hours are used up nor by the time that it waits', async () => {
    await stack.fleet.add('w1');
    const { id } = await submit({ hours: 2.5 });
    expect(await inState(id, 'finished')).toMatchObject({ stopped: null, progress: { step: 24 } });
  });

  it('ends with its newest checkpoint where no worker could write one, though the coordinator was away meanwhile', async () => {
    const worker = await stack.fleet.add('w1');
    stack.fleet.untilRound = 9;
    const { id } = await submit({ hours: 1 });
    await reached(id, 8);
    await worker.kill();
    await reportLate(id, [9, 10]);
    expect(await inState(id, 'pausing')).toMatchObject({ reason: used });
    await stack.stop();
    await stack.start();
    const run = await inState(id, 'finished');
    expectEnd(run, { step: 8, epoch: 1, cause: 'time', reason: used });
    expect(run.progress.step).toBe(10);
  });

  it('stays paused where somebody pauses it, and ends once it is resumed', async () => {
    await stack.fleet.add('w1');
    stack.fleet.untilRound = 9;
    const { id } = await submit({ hours: 1 });
    await reached(id, 8);
    expect((await stack.post(`/v1/runs/${id}/pause`)).status).toBe(200);
    await inState(id, 'paused');
    await reportLate(id, [9, 10]);
    // Several looks of the coordinator.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await stack.run(id)).toMatchObject({ state: 'paused', reason: 'paused by request', progress: { step: 10 } });
    expect((await stack.post(`/v1/runs/${id}/resume`)).status).toBe(200);
    expectEnd(await inState(id, 'finished'), { step: 8, epoch: 1, cause: 'time', reason: used });
  });

  it('ends with its newest whole checkpoint at a step that is not finite', async () => {
    await stack.fleet.add('w1');
    await stack.fleet.add('w2');
    stack.fleet.notFiniteStep = 10;
    stack.fleet.untilRound = 10;
    const { id } = await submit({ notFinite: true });
    const { checkpoints } = await until(
      () => stack.run(id),
      (run) => run.checkpoints.length === 2 && run.progress.step === 9,
    );
    await truncate(join(checkpoints.at(-1)?.directory ?? '', 'weights.safetensors'), 3);
    stack.fleet.untilRound = Infinity;
    const reason = 'loss or gradient of step 10 is not finite';
    expectEnd(await inState(id, 'finished'), { step: 4, epoch: 0, cause: 'not-finite', reason });
  });

  it('fails at a step that is not finite without a checkpoint, or without the rule', async () => {
    await stack.fleet.add('w1');
    stack.fleet.notFiniteStep = 3;
    const early = await submit({ notFinite: true });
    const why = /^step 3: loss is not finite; .* and it has none yet \(checkpoint.everySteps 4\)$/;
    const { reason, stopped } = await inState(early.id, 'failed');
    expect([reason, stopped]).toEqual([expect.stringMatching(why), null]);
    stack.fleet.notFiniteStep = 6;
    const { id } = await submit({ hours: 9 });
    expect(await inState(id, 'failed')).toMatchObject({ stopped: null, weightsSha256: null });
  });
});
