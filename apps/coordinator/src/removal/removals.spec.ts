import { existsSync } from 'node:fs';
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { evaluationViewSchema, problemSchema, removalSchema, type Removal } from '#contracts';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(30_000);

describe('deleting', () => {
  let stack: TestStack;
  stackForEach(async (opened) => {
    stack = opened;
    await stack.start();
  });

  const get = (path: string): Promise<Response> => fetch(stack.url + path);
  const removed = async (path: string): Promise<Removal> => {
    const response = await stack.send('DELETE', path);
    expect([response.status, path]).toEqual([200, path]);
    return removalSchema.parse(await response.json());
  };
  const refusal = async (path: string): Promise<string> => {
    const forecast = removalSchema.parse(await (await get(`${path}/removal`)).json());
    const response = await stack.send('DELETE', path);
    expect(response.status).toBe(409);
    const { detail = '', errors = [] } = problemSchema.parse(await response.json());
    expect(errors.map(({ message }) => message)).toEqual(forecast.obstacles);
    return detail;
  };
  const recordOf = (id: string): string => join(stack.directory, 'data', 'runs', id);
  const checkpointsOf = (id: string): string => join(stack.directory, 'checkpoints', id);
  const redisKeys = async (id: string): Promise<string[]> =>
    (await stack.redis.keys('*')).filter((key) => key.includes(id));
  const evaluated = async (id: string, body: unknown = {}): Promise<string> => {
    const response = await stack.post(`/v1/runs/${id}/evaluations`, body);
    expect(response.status).toBe(201);
    return evaluationViewSchema.parse(await response.json()).id;
  };

  describe('a run', () => {
    it('frees record, checkpoints, evaluations and keys in Redis; the same is answered again and after a restart', async () => {
      const worker = await stack.fleet.add('w1');
      const run = await stack.trained();
      const other = await stack.trained();
      await worker.kill();
      const evaluation = await evaluated(run.id);
      await stack.post(`/v1/runs/${run.id}/evaluations/${evaluation}/cancel`);
      expect(await redisKeys(run.id)).not.toEqual([]);
      const forecast = removalSchema.parse(await (await get(`/v1/runs/${run.id}/removal`)).json());
      const bytesAtCheckpoints = await sizeOf(checkpointsOf(run.id));
      const path = `/v1/runs/${run.id}`;
      const removal = await removed(path);
      expect(removal).toMatchObject({ id: run.id, kind: 'run', evaluations: [evaluation], kept: [], obstacles: [] });
      expect({ ...removal, freedBytes: 0 }).toEqual({ ...forecast, freedBytes: 0, obstacles: [] });
      expect(removal.freedBytes).toBeGreaterThan(bytesAtCheckpoints);
      expect(await redisKeys(run.id)).toEqual([]);
      for (const id of [run.id, evaluation]) {
        for (const folder of [recordOf(id), `${recordOf(id)}.removed`, checkpointsOf(id)])
          expect([folder, existsSync(folder)]).toEqual([folder, false]);
      }
      expect(await removed(path)).toEqual(removal);
      await stack.stop();
      await stack.start();
      expect(await removed(path)).toEqual(removal);
      expect((await get(path)).status).toBe(404);
      expect(await (await get('/v1/runs')).json()).toMatchObject({
        total: 1,
        runs: [{ id: other.id }],
        unreadable: [],
      });
      expect(existsSync(checkpointsOf(other.id))).toBe(true);
      expect((await stack.send('DELETE', '/v1/runs/20200101-000000-0000')).status).toBe(404);
    });

    it('waits until it is over and nothing under way needs it; each is named', async () => {
      const pending = await stack.submit();
      expect(await refusal(`/v1/runs/${pending.id}`)).toContain(
        `run ${pending.id} is pending: cancel it, or wait until it is over`,
      );
      const worker = await stack.fleet.add('w1');
      const run = await stack.trained();
      await worker.kill();
      await until(
        () => get('/v1/workers').then((answer) => answer.json() as Promise<{ workers: unknown[] }>),
        ({ workers }) => workers.length === 0,
      );
      const evaluation = await evaluated(run.id);
      expect(await refusal(`/v1/runs/${run.id}`)).toContain(`its evaluation ${evaluation} is pending: cancel it`);
      await stack.post(`/v1/runs/${run.id}/evaluations/${evaluation}/cancel`);
      await removed(`/v1/runs/${run.id}`);
      expect((await stack.run(pending.id)).state).not.toBe('failed');
    });

    it('keeps what an ensemble of another run still needs, and names it', async () => {
      const worker = await stack.fleet.add('w1');
      const [run, other] = [await stack.trained(), await stack.trained()];
      await worker.kill();
      const evaluation = await evaluated(other.id, { ensemble: [{ run: run.id }] });
      const removal = await removed(`/v1/runs/${run.id}`);
      expect(removal.kept).toEqual([
        {
          file: expect.stringContaining('weights.safetensors'),
          sizeBytes: expect.any(Number),
          usedBy: `evaluation ${evaluation} of run ${other.id}, until it is over`,
        },
      ]);
      expect(await readdir(checkpointsOf(evaluation))).toEqual(['network-0.safetensors', 'network-1.safetensors']);
    });

    it('is finished by the next start where a crash cut it short, whatever was left', async () => {
      const worker = await stack.fleet.add('w1');
      const run = await stack.trained();
      const evaluation = await evaluated(run.id);
      await worker.kill();
      await stack.stop();
      await rename(recordOf(run.id), `${recordOf(run.id)}.removed`);
      await stack.start();
      expect((await get(`/v1/runs/${run.id}`)).status).toBe(404);
      await until(
        () => [run.id, evaluation].some((id) => existsSync(recordOf(id)) || existsSync(`${recordOf(id)}.removed`)),
        (isLeft) => !isLeft,
      );
      for (const id of [run.id, evaluation]) expect(existsSync(checkpointsOf(id))).toBe(false);
      expect(await redisKeys(run.id)).toEqual([]);
    });

    it('may be submitted anew under the key of the deleted one', async () => {
      const key = { 'Idempotency-Key': 'k' };
      const idOf = async (): Promise<string> =>
        ((await (await stack.post('/v1/runs', stack.spec(), key)).json()) as { id: string }).id;
      const id = await idOf();
      await stack.post(`/v1/runs/${id}/cancel`);
      await removed(`/v1/runs/${id}`);
      expect(await idOf()).not.toBe(id);
    });
  });

  describe('a study', () => {
    const submitted = async (): Promise<{ id: string; runs: string[] }> => {
      const { name: _, ...base } = stack.spec({ epochs: 1 });
      const axes = [{ name: 'rate', values: [1, 2] }];
      const { id } = (await (await stack.post('/v1/studies', { name: 's', base, axes })).json()) as { id: string };
      const { trials } = await until(
        () =>
          get(`/v1/studies/${id}`).then((answer) => answer.json() as Promise<{ trials: { runId: string | null }[] }>),
        (study) => study.trials.every(({ runId }) => runId !== null),
      );
      return { id, runs: trials.map(({ runId }) => runId ?? '') };
    };

    it('goes with its runs once it is over; until then it and its runs stay', async () => {
      const { id, runs } = await submitted();
      const [first = ''] = runs;
      expect(await refusal(`/v1/studies/${id}`)).toContain('it is running: cancel it');
      await stack.post(`/v1/runs/${first}/cancel`);
      expect(await refusal(`/v1/runs/${first}`)).toContain(`study ${id} is running and waits for the results of run`);
      await stack.post(`/v1/studies/${id}/cancel`);
      await until(
        () => stack.run(runs[1] ?? ''),
        ({ state }) => state === 'cancelled',
      );
      const removal = await removed(`/v1/studies/${id}`);
      expect(removal).toMatchObject({ kind: 'study', runs });
      expect((await get(`/v1/studies/${id}`)).status).toBe(404);
      expect(await (await get('/v1/runs')).json()).toMatchObject({ total: 0 });
      expect(await readdir(join(stack.directory, 'data', 'studies'))).toEqual([]);
      expect(await removed(`/v1/studies/${id}`)).toEqual(removal);
    });

    it('that is over loses a row when a run of it is deleted, which is said before', async () => {
      const { id, runs } = await submitted();
      await stack.post(`/v1/studies/${id}/cancel`);
      const removal = await removed(`/v1/runs/${runs[0]}`);
      expect(removal.losses).toEqual([`study ${id} (s) loses the results of this run`]);
      expect(await (await get(`/v1/studies/${id}`)).json()).toMatchObject({
        trials: [{ state: 'lost' }, { state: 'cancelled' }],
      });
    });
  });
});

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const stats = await Promise.all(names.map((name) => stat(join(folder, name))));
  return stats.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}
