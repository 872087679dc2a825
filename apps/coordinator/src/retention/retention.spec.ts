import { describe, expect, it, jest } from '@jest/globals';
import { retentionSchema, type RetentionView } from '#contracts';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';
import { dueRuns, type RetainedRun } from './due-runs.js';
import { SteadyClock } from './steady-clock.js';

jest.setTimeout(30_000);

const DAY_MS = 86_400_000;

describe('the rules of retention', () => {
  const run = (id: string, changes: Partial<RetainedRun> = {}): RetainedRun => ({
    id,
    name: id,
    state: 'failed',
    finishedAt: 1_000,
    tags: [],
    isArchived: false,
    ...changes,
  });

  it('take runs that are over by state and age, the earliest first, but none that is archived or tagged keep', () => {
    const runs = [
      run('late', { finishedAt: 5_000 }),
      run('early'),
      run('finished', { state: 'finished' }),
      run('running', { state: 'running', finishedAt: null }),
      run('archived', { isArchived: true }),
      run('kept', { tags: ['a', 'keep'] }),
    ];
    expect(dueRuns(runs, [{ state: 'failed', afterMs: 100 }])).toEqual({
      due: [
        { id: 'early', name: 'early', state: 'failed', finishedAt: 1_000, deletedAt: 1_100 },
        { id: 'late', name: 'late', state: 'failed', finishedAt: 5_000, deletedAt: 5_100 },
      ],
      numExempt: 2,
    });
    expect(dueRuns(runs, [])).toEqual({ due: [], numExempt: 0 });
  });

  it('begin anew when the clock is set', () => {
    let [wall, monotonic] = [1_000_000, 0];
    const pass = (ms: number): void => {
      wall += ms;
      monotonic += ms;
    };
    const clock = new SteadyClock(
      () => wall,
      () => monotonic,
    );
    pass(500_000);
    wall += 30_000;
    expect(clock.steadyMs()).toBe(500_000);
    wall += 365 * DAY_MS;
    expect(clock.steadyMs()).toBe(0);
    pass(7_000);
    expect(clock.steadyMs()).toBe(7_000);
  });
});

describe('the retention', () => {
  let stack: TestStack;
  let aheadMs: number;
  stackForEach((opened) => {
    stack = opened;
    aheadMs = 0;
  });

  const start = (rules: { state: 'cancelled' | 'failed'; afterMs: number }[], steadyMs = 300): Promise<unknown> =>
    stack.start({ retention: rules }, { clock: () => Date.now() + aheadMs, durations: { retentionMs: 50, steadyMs } });
  const view = async (): Promise<RetentionView> =>
    retentionSchema.parse(await (await fetch(`${stack.url}/v1/retention`)).json());
  const cancelled = async (): Promise<string> => {
    const { id } = await stack.submit();
    await stack.post(`/v1/runs/${id}/cancel`);
    return id;
  };
  const isThere = async (id: string): Promise<boolean> => (await fetch(`${stack.url}/v1/runs/${id}`)).status === 200;

  it('says what it will delete, deletes it when its time has come, and nothing else', async () => {
    await start([{ state: 'cancelled', afterMs: 7 * DAY_MS }]);
    const [old, kept, archived, waiting] = [
      await cancelled(),
      await cancelled(),
      await cancelled(),
      await stack.submit(),
    ];
    await stack.send('PATCH', `/v1/runs/${kept}`, { tags: ['keep'] });
    await stack.send('PATCH', `/v1/runs/${archived}`, { isArchived: true });
    const { finishedAt } = await stack.run(old);
    expect(await view()).toMatchObject({
      rules: [{ state: 'cancelled', afterMs: 7 * DAY_MS }],
      runs: [{ id: old, state: 'cancelled', deletedAt: (finishedAt ?? 0) + 7 * DAY_MS, obstacle: null }],
      total: 1,
      numExempt: 2,
    });
    aheadMs = 6 * DAY_MS;
    const later = await cancelled();
    aheadMs = 8 * DAY_MS;
    await until(
      () => isThere(old),
      (there) => !there,
    );
    for (const id of [kept, archived, waiting.id, later]) expect([id, await isThere(id)]).toEqual([id, true]);
    expect((await view()).runs.map(({ id }) => id)).toEqual([later]);
  });

  it('does not believe a clock that has just been set', async () => {
    await start([{ state: 'cancelled', afterMs: DAY_MS }], 600_000);
    const id = await cancelled();
    aheadMs = 365 * DAY_MS;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await isThere(id)).toBe(true);
    expect((await view()).runs).toEqual([expect.objectContaining({ id })]);
  });

  it('says what is in the way of a run whose time has come', async () => {
    await start([{ state: 'cancelled', afterMs: 1 }], 0);
    const { name: _, ...base } = stack.spec();
    const body = { name: 's', base, axes: [{ name: 'rate', values: [1, 2] }] };
    const { id: study } = (await (await stack.post('/v1/studies', body)).json()) as { id: string };
    const first = await until(
      async () =>
        ((await (await fetch(`${stack.url}/v1/studies/${study}`)).json()) as { trials: { runId: string | null }[] })
          .trials[0]?.runId,
      (id) => id !== null,
    );
    await stack.post(`/v1/runs/${first}/cancel`);
    const { runs } = await until(view, ({ total }) => total > 0);
    expect(runs).toEqual([
      expect.objectContaining({ id: first, obstacle: expect.stringContaining(`study ${study} is running`) }),
    ]);
    await stack.post(`/v1/studies/${study}/cancel`);
    await until(
      () => isThere(first ?? ''),
      (there) => !there,
    );
  });
});
