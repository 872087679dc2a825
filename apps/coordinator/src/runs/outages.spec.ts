import { appendFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import type { RunView } from '#contracts';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

/** 22 samples, 4 a step: 6 steps an epoch, and one round more that evaluates. */
const NUM_TRAIN = 22;
const EPOCHS = 4;
const TOTAL_ROUNDS = 7 * EPOCHS;

jest.setTimeout(30_000);

describe('a run whose coordinator or Redis is lost', () => {
  let stack: TestStack;
  stackForEach(
    async (opened) => {
      stack = opened;
      await stack.start();
    },
    { numTrain: NUM_TRAIN, numVal: 6 },
  );

  const submit = (): Promise<RunView> => stack.submit({ epochs: EPOCHS, checkpoint: { everySteps: 4, keep: 3 } });
  const reached = (id: string, step: number): Promise<RunView> =>
    until(
      () => stack.run(id),
      ({ progress }) => progress.step >= step,
    );
  const inState = (id: string, state: RunView['state']): Promise<RunView> =>
    until(
      () => stack.run(id),
      (run) => run.state === state,
    );

  /** Trained to the end by its first workers, every sample and round once. */
  function expectUndisturbed(run: RunView): void {
    expect(run).toMatchObject({ state: 'finished', incarnation: 1 });
    expect(run.ledger.map(({ samples, missing, repeated }) => ({ samples, missing, repeated }))).toEqual(
      Array.from({ length: EPOCHS }, () => ({ samples: NUM_TRAIN, missing: 0, repeated: 0 })),
    );
    expect(run.ledger.at(-1)?.chain).toMatch(/^[0-9a-f]{64}$/);
    expect(stack.fleet.committed).toHaveLength(TOTAL_ROUNDS);
  }

  it('is left alone by a coordinator that comes back, and lacks nothing', async () => {
    await stack.fleet.add('w1');
    stack.fleet.untilRound = 10;
    const { id } = await submit();
    await reached(id, 9);
    await stack.stop();
    stack.fleet.untilRound = 20;
    await until(
      () => stack.fleet.committed.length,
      (count) => count === 20,
    );
    await stack.start();
    await reached(id, 17);
    stack.fleet.untilRound = Infinity;
    const run = await inState(id, 'finished');
    expectUndisturbed(run);
  });

  it('is read back from what a coordinator killed in the middle left on disk', async () => {
    await stack.fleet.add('w1');
    stack.fleet.untilRound = 10;
    const { id } = await submit();
    await reached(id, 9);
    // As kill -9 leaves it: nothing is closed, the lock and a torn line stay, reports since the last cursor come again.
    const left = join(stack.directory, 'left');
    await cp(join(stack.directory, 'data'), left, { recursive: true });
    await appendFile(join(left, 'runs', id, 'metrics.jsonl'), '{"kind":"step","incar');
    await stack.stop();
    stack.fleet.untilRound = Infinity;
    await stack.start({ dataDirectory: left });
    const run = await inState(id, 'finished');
    expectUndisturbed(run);
  });

  it('loses nothing to a Redis that is emptied', async () => {
    await stack.fleet.add('w1');
    stack.fleet.untilRound = 10;
    const { id } = await submit();
    await reached(id, 9);
    await stack.redis.flushall();
    stack.fleet.untilRound = Infinity;
    const run = await inState(id, 'finished');
    expectUndisturbed(run);
  });
});
