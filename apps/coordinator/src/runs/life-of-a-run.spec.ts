import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { totalRounds, type RunEvent, type RunMetrics, type RunSpecInput, type RunView } from '#contracts';
import { lossOf } from '../testing/fake-fleet.js';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

const NUM_TRAIN = 22;
const EPOCHS = 4;
/** 22 samples, 4 a step: 6 steps an epoch, the last of 2 samples. */
const STEPS_PER_EPOCH = 6;
const TOTAL_STEPS = STEPS_PER_EPOCH * EPOCHS;
const TOTAL_ROUNDS = totalRounds({
  numTrainSamples: NUM_TRAIN,
  numValidationSamples: 6,
  lanes: 2,
  laneBatchSize: 2,
  epochs: EPOCHS,
});

// Each takes a second or two; a machine with much else to do gets more.
jest.setTimeout(30_000);

describe('the life of a run', () => {
  let stack: TestStack;
  stackForEach(
    async (opened) => {
      stack = opened;
      await stack.start();
    },
    { numTrain: NUM_TRAIN, numVal: 6 },
  );

  const submit = (changes: Partial<RunSpecInput> = {}): Promise<RunView> =>
    stack.submit({ epochs: EPOCHS, checkpoint: { everySteps: 4, keep: 3 }, ...changes });
  const show = (id: string): Promise<RunView> => stack.run(id);
  const steer = (id: string, verb: string): Promise<Response> =>
    fetch(`${stack.url}/v1/runs/${id}/${verb}`, { method: 'POST' });
  const reached = (id: string, step: number): Promise<RunView> =>
    until(
      () => show(id),
      ({ progress }) => progress.step >= step,
    );
  const inState = (id: string, state: RunView['state']): Promise<RunView> =>
    until(
      () => show(id),
      (run) => run.state === state,
    );
  const journal = async (id: string): Promise<RunEvent[]> => {
    const text = await readFile(join(stack.directory, 'data', 'runs', id, 'journal.jsonl'), 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
  };

  function expectWhole(run: RunView): void {
    expect(run.state).toBe('finished');
    expect(run.progress.step).toBe(TOTAL_STEPS);
    expect(run.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(run.ledger).toEqual(
      Array.from({ length: EPOCHS }, (_, epoch) => ({
        epoch,
        samples: NUM_TRAIN,
        expected: NUM_TRAIN,
        missing: 0,
        repeated: 0,
        chain: expect.stringMatching(/^[0-9a-f]{64}$/),
      })),
    );
  }

  it('is trained by two workers to the end, every round committed once', async () => {
    await stack.fleet.add('w1');
    await stack.fleet.add('w2');
    const { id } = await submit({ workers: { min: 2 } });
    const run = await inState(id, 'finished');
    expectWhole(run);
    expect(run.incarnation).toBe(1);
    expect(stack.fleet.committed).toEqual(Array.from({ length: TOTAL_ROUNDS }, (_, round) => round));
    expect(run.checkpoints.map(({ step }) => step)).toEqual([16, 20, 24]);
    const metrics = (await (await fetch(`${stack.url}/v1/runs/${id}/metrics`)).json()) as RunMetrics;
    expect(metrics.steps.map(({ loss }) => loss)).toEqual(
      Array.from({ length: TOTAL_STEPS }, (_, index) => lossOf(index + 1)),
    );
    expect(metrics.evaluations.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    const events = await journal(id);
    expect(events.map((event) => event.id)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(0)?.topic).toBe('submitted');
    expect(events.filter(({ topic }) => topic === 'finished')).toHaveLength(1);
    expect(events.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('says why it waits, and is trained once a worker comes', async () => {
    const { id } = await submit();
    expect(
      await until(
        () => show(id),
        ({ reason }) => reason === 'no worker is alive',
      ),
    ).toMatchObject({ state: 'pending' });
    await stack.fleet.add('late');
    expectWhole(await inState(id, 'finished'));
  });

  it('goes on with the survivor when a worker is killed, and takes a newcomer in', async () => {
    await stack.fleet.add('w1');
    const second = await stack.fleet.add('w2');
    stack.fleet.untilRound = 10;
    const { id } = await submit({ workers: { min: 2 } });
    await reached(id, 9);
    await second.kill();
    await until(
      () => show(id),
      ({ workers }) => workers.join() === 'w1',
    );
    await stack.fleet.add('w3');
    await until(
      () => show(id),
      ({ workers }) => workers.join() === 'w1,w3',
    );
    stack.fleet.untilRound = Infinity;
    const run = await inState(id, 'finished');
    expectWhole(run);
    expect(run.incarnation).toBe(1);
    expect((await journal(id)).map(({ message }) => message)).toContain('worker w2 is gone; 1 left');
  });

  it('begins again from the newest checkpoint when its only worker is killed', async () => {
    const first = await stack.fleet.add('w1');
    stack.fleet.untilRound = 12;
    const { id } = await submit();
    await reached(id, 11);
    await first.kill();
    await inState(id, 'pending');
    stack.fleet.untilRound = Infinity;
    await stack.fleet.add('w2');
    const run = await inState(id, 'finished');
    expectWhole(run);
    expect(run.incarnation).toBe(2);
    // Steps 9 to 11 were computed again after the checkpoint of step 8, which is 9 rounds; they count once.
    expect(stack.fleet.committed.slice(12, 15)).toEqual([9, 10, 11]);
    expect((await journal(id)).filter(({ topic }) => topic === 'data')).toEqual([]);
  });

  it('begins again from the checkpoint before when the newest one is damaged, and says so', async () => {
    const first = await stack.fleet.add('w1');
    stack.fleet.untilRound = 12;
    const { id } = await submit();
    const [, newest] = (
      await until(
        () => show(id),
        ({ checkpoints, progress }) => checkpoints.length === 2 && progress.step >= 11,
      )
    ).checkpoints;
    await first.kill();
    await inState(id, 'pending');
    await truncate(join(newest?.directory ?? '', 'slot-momentum.safetensors'), 7);
    stack.fleet.untilRound = Infinity;
    await stack.fleet.add('w2');
    const run = await inState(id, 'finished');
    expectWhole(run);
    // From the checkpoint of step 4 on; that of step 8 was written again.
    expect(stack.fleet.committed.slice(12, 15)).toEqual([4, 5, 6]);
    expect((await journal(id)).filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({
        topic: 'checkpoint',
        message: expect.stringMatching(
          /^the checkpoint of step 8 is passed over: slot-momentum\.safetensors is corrupt/,
        ),
      }),
    ]);
  });

  it('pauses with a checkpoint, and resumes from it', async () => {
    await stack.fleet.add('w1');
    stack.fleet.untilRound = 10;
    const { id } = await submit();
    await reached(id, 9);
    expect((await steer(id, 'pause')).status).toBe(200);
    const paused = await inState(id, 'paused');
    expect(paused).toMatchObject({ reason: 'paused by request', workers: [] });
    expect((await steer(id, 'pause')).status).toBe(409);
    stack.fleet.untilRound = Infinity;
    expect((await steer(id, 'resume')).status).toBe(200);
    const run = await inState(id, 'finished');
    expectWhole(run);
    expect(run.incarnation).toBe(2);
    expect(stack.fleet.committed).toHaveLength(TOTAL_ROUNDS);
    expect((await steer(id, 'resume')).status).toBe(409);
  });

  it('is cancelled at once, and its workers go to the run behind it', async () => {
    await stack.fleet.add('w1');
    stack.fleet.untilRound = 5;
    const first = await submit({ name: 'first' });
    const second = await submit({ name: 'second' });
    await reached(first.id, 5);
    expect(await show(second.id)).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('queued behind first'),
    });
    expect((await steer(first.id, 'cancel')).status).toBe(200);
    stack.fleet.untilRound = Infinity;
    expectWhole(await inState(second.id, 'finished'));
    expect(await show(first.id)).toMatchObject({ state: 'cancelled', workers: [] });
  });

  it('tells why a worker refuses it, and waits for another', async () => {
    await stack.fleet.add('bad', { refusal: 'other files under images' });
    const { id } = await submit();
    const waiting = await until(
      () => show(id),
      ({ reason }) => reason?.includes('other files') === true,
    );
    expect(waiting).toMatchObject({ state: 'pending', reason: 'worker bad refused it: other files under images' });
    await stack.fleet.add('good');
    expectWhole(await inState(id, 'finished'));
  });

  it('leaves no queue of an older incarnation behind', async () => {
    const first = await stack.fleet.add('w1');
    stack.fleet.untilRound = 6;
    const { id } = await submit();
    await reached(id, 6);
    await first.kill();
    stack.fleet.untilRound = Infinity;
    await stack.fleet.add('w2');
    await inState(id, 'finished');
    await until(
      () => stack.redis.keys(`skiplane-queue:run-${id}-1:*`),
      (keys) => keys.every((key) => key.endsWith(':stalled-check')),
    );
    expect(await readdir(join(stack.directory, 'data', 'runs'))).toEqual([id]);
  });
});
