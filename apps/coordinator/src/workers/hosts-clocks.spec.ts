import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runEventSchema, runMetricsSchema, workerListSchema, type RunView, type WorkerHeartbeat } from '#contracts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

const HOUR_MS = 3_600_000;
/** What a slow machine may take; an hour it does not. */
const SOON_MS = 60_000;

describe('hosts whose clocks differ', () => {
  let stack: TestStack;
  /** How far the coordinator's clock was set. */
  let setByMs = 0;

  beforeEach(async () => {
    setByMs = 0;
    stack = await TestStack.open({ numTrain: 22, numVal: 6 });
    await stack.start({}, { clock: () => Date.now() + setByMs });
  });
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const workers = async (): Promise<WorkerHeartbeat[]> =>
    workerListSchema.parse(await (await fetch(`${stack.url}/v1/workers`)).json()).workers;
  const show = (id: string, holds: (run: RunView) => boolean): Promise<RunView> => until(() => stack.run(id), holds);
  const warnings = async (id: string): Promise<string[]> => {
    const text = await readFile(join(stack.directory, 'data', 'runs', id, 'journal.jsonl'), 'utf8');
    const events = text
      .trim()
      .split('\n')
      .map((line) => runEventSchema.parse(JSON.parse(line)));
    return events.filter(({ level }) => level !== 'info').map(({ message }) => message);
  };
  const soon = (at: number): boolean => Math.abs(Date.now() + setByMs - at) < SOON_MS;

  it("train a run, whose times are the coordinator's; who is far off is told", async () => {
    await stack.fleet.add('ahead', { clockOffsetMs: HOUR_MS });
    await stack.fleet.add('behind', { clockOffsetMs: -HOUR_MS });
    await stack.fleet.add('right');
    const seen = await until(workers, ({ length }) => length === 3);
    expect(seen.map(({ workerId, clockOffsetMs = 0 }) => [workerId, Math.round(clockOffsetMs / HOUR_MS)])).toEqual([
      ['ahead', 1],
      ['behind', -1],
      ['right', 0],
    ]);
    expect(seen.find(({ workerId }) => workerId === 'right')?.clockOffsetMs).toBeUndefined();
    for (const { at, startedAt } of seen) expect([soon(at), soon(startedAt)]).toEqual([true, true]);

    stack.fleet.untilRound = 6;
    const { id } = await stack.submit({
      epochs: 2,
      lanes: 3,
      workers: { min: 3 },
      checkpoint: { everySteps: 2, keep: 3 },
    });
    const running = await show(id, ({ progress }) => progress.step >= 5);
    expect(running.progress.imagesPerSecond).toBeGreaterThan(10);
    await fetch(`${stack.url}/v1/runs/${id}/pause`, { method: 'POST' });
    await show(id, ({ state }) => state === 'paused');
    stack.fleet.untilRound = Infinity;
    await fetch(`${stack.url}/v1/runs/${id}/resume`, { method: 'POST' });
    const over = await show(id, ({ state }) => state === 'finished');
    expect(over.ledger.map(({ missing, repeated }) => missing + repeated)).toEqual([0, 0]);
    expect(await warnings(id)).toEqual([]);
    const { steps, evaluations } = runMetricsSchema.parse(
      await (await fetch(`${stack.url}/v1/runs/${id}/metrics`)).json(),
    );
    for (const { at } of [...steps, ...evaluations, ...over.checkpoints]) expect(soon(at)).toBe(true);
  });

  it.each([HOUR_MS, -HOUR_MS])("lose nobody when the coordinator's clock is set by %p ms", async (byMs) => {
    await stack.fleet.add('w1');
    await stack.fleet.add('w2');
    stack.fleet.untilRound = 3;
    const { id } = await stack.submit({ workers: { min: 2 } });
    await show(id, ({ progress }) => progress.step >= 2);
    setByMs = byMs;
    // Some looks at all workers, and a pause that has to be waited for.
    await until(workers, (seen) => seen.length === 2 && seen.every(({ at }) => soon(at)));
    stack.fleet.untilRound = Infinity;
    const { incarnation, state } = await show(id, (run) => run.state === 'finished');
    expect({ incarnation, state }).toEqual({ incarnation: 1, state: 'finished' });
    expect(await warnings(id)).toEqual([]);
  });
});
