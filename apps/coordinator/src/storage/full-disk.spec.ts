import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { problemSchema, runEventSchema, type Problem } from '#contracts';
import { z } from 'zod';
import { SmallDisk } from '../../../../test/support/small-disk.js';
import { metricsLineSchema } from './run-files.js';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

const EPOCHS = 8;
/** 10 samples, 4 a step: 3 steps an epoch. */
const TOTAL_STEPS = 3 * EPOCHS;

jest.setTimeout(30_000);

describe('a coordinator whose disk is full', () => {
  let stack: TestStack;
  let disk: SmallDisk | undefined;

  beforeEach(async () => {
    disk = SmallDisk.mount('3m');
    stack = await TestStack.open();
    if (disk !== undefined) await stack.start({ dataDirectory: disk.folder });
  });
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
    disk?.[Symbol.dispose]();
  });

  const ask = async (path: string): Promise<Problem> =>
    problemSchema.parse(await (await fetch(`${stack.url}${path}`)).json());
  const linesOf = async <T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T[]> => {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => schema.parse(JSON.parse(line)));
  };
  const topics = (id: string): string[] =>
    stack.registry.loaded(id)?.loadedDetail?.journal.newest.map(({ topic }) => topic) ?? [];

  it('says so, goes on, and has every line once when there is room again', async () => {
    if (disk === undefined) return;
    stack.fleet.untilRound = 5;
    await stack.fleet.add('w1');
    const { id } = await stack.submit({ epochs: EPOCHS, checkpoint: { everySteps: 3, keep: 2 } });
    await until(
      () => stack.run(id),
      ({ progress }) => progress.step >= 4,
    );
    disk.fill();
    stack.fleet.untilRound = Infinity;
    const unready = await until(
      async () => (await fetch(`${stack.url}/health/ready`)).status,
      (status) => status === 503,
    ).then(() => ask('/health/ready'));
    expect(unready.errors).toEqual([{ path: 'disk', message: expect.stringMatching(/^the disk of .+ is full/) }]);
    expect((await fetch(`${stack.url}/health/live`)).status).toBe(200);
    expect(topics(id)).toContain('disk');
    const refused = await stack.post('/v1/runs', stack.spec());
    expect(refused.status).toBe(507);
    expect(problemSchema.parse(await refused.json()).detail).toMatch(/is full: nothing was changed; make room/);
    // The end is reported while nothing can be written: it has not happened yet.
    await until(
      () => stack.fleet.committed.length,
      (rounds) => rounds === TOTAL_STEPS + EPOCHS,
    );
    expect(await stack.run(id)).toMatchObject({ state: 'running', reason: expect.stringMatching(/ is full: /) });

    disk.free();
    const view = await until(
      () => stack.run(id),
      ({ state }) => state === 'finished',
    );
    expect(view).toMatchObject({ progress: { step: TOTAL_STEPS }, reason: null });
    expect(view.ledger.every(({ missing, repeated }) => missing === 0 && repeated === 0)).toBe(true);
    await until(
      async () => (await fetch(`${stack.url}/health/ready`)).status,
      (status) => status === 200,
    );
    await stack.stop();
    const folder = join(disk.folder, 'runs', id);
    const journal = await linesOf(folder, 'journal.jsonl', runEventSchema);
    expect(journal.map((event) => event.id)).toEqual(journal.map((_, index) => index + 1));
    expect(journal.filter(({ topic }) => topic === 'disk').map(({ level }) => level)).toEqual(['warning', 'info']);
    expect(journal.filter(({ topic }) => topic === 'finished')).toHaveLength(1);
    const metrics = await linesOf(folder, 'metrics.jsonl', metricsLineSchema);
    const steps = metrics.flatMap((line) => (line.kind === 'step' ? line.step.step : []));
    expect(steps).toEqual(Array.from({ length: TOTAL_STEPS }, (_, index) => index + 1));

    await stack.start({ dataDirectory: disk.folder });
    expect(await stack.run(id)).toEqual({ ...view, stragglerReport: [] });
  });

  it('cannot begin, and says why', async () => {
    if (disk === undefined) return;
    await stack.stop();
    disk.fill();
    await expect(stack.start({ dataDirectory: disk.folder })).rejects.toThrow(
      `the disk of ${disk.folder} is full: make room, then start again`,
    );
    disk.free();
    await stack.start({ dataDirectory: disk.folder });
  });

  it('deletes runs, which makes room', async () => {
    if (disk === undefined) return;
    await stack.fleet.add('w1');
    const { id } = await stack.trained();
    disk.fill();
    expect((await stack.send('PATCH', `/v1/runs/${id}`, { notes: 'x' })).status).toBe(507);
    const deleted = await stack.send('DELETE', `/v1/runs/${id}`);
    expect([deleted.status, await deleted.json()]).toEqual([200, expect.objectContaining({ id, obstacles: [] })]);
    expect((await fetch(`${stack.url}/v1/runs/${id}`)).status).toBe(404);
    expect(await readdir(join(disk.folder, 'runs'))).toEqual([]);
    expect((await stack.send('DELETE', `/v1/runs/${id}`)).status).toBe(200);
  });
});
