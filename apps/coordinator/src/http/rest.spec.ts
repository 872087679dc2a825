import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { problemSchema, type Problem, type RunList, type RunSpecInput, type RunView } from '#contracts';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(30_000);

describe('the REST API', () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const spec = (changes: Partial<RunSpecInput> = {}): RunSpecInput => stack.spec(changes);
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(stack.url + path, { headers });
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    stack.post(path, body, headers);
  const submit = (changes: Partial<RunSpecInput> = {}): Promise<RunView> => stack.submit(changes);
  const problemOf = async (response: Response, status: number): Promise<Problem> => {
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = problemSchema.parse(await response.json());
    expect(problem.status).toBe(status);
    return problem;
  };
  /** fetch does not let one say who is asked for. */
  const statusAs = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(`${stack.url}/v1/runs`, { headers: { Host: host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  const paths = (problem: Problem): string[] => (problem.errors ?? []).map(({ path }) => path).sort();

  it('lists newest first, filtered and paged', async () => {
    await submit({ name: 'older' });
    const ids = [(await submit({ name: 'one' })).id, (await submit({ name: 'two' })).id];
    const list = (await (await get('/v1/runs?state=pending&limit=2')).json()) as RunList;
    expect(list.runs.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(list).toMatchObject({ offset: 0, limit: 2 });
    expect(list.total).toBeGreaterThan(2);
    const next = (await (await get('/v1/runs?offset=1&limit=1')).json()) as RunList;
    expect(next.runs.map(({ id }) => id)).toEqual(ids.slice(0, 1));
    expect(paths(await problemOf(await get('/v1/runs?state=lost&limit=0'), 400))).toEqual(['limit', 'state.0']);
  });

  it('lists what a search finds: words, tags, fields of the spec, a name; in the order asked for', async () => {
    const quick = await submit({ name: 'find quick', optimizer: { learningRate: 0.5 } });
    const slow = await submit({ name: 'find slow', optimizer: { learningRate: 0.05 } });
    await stack.send('PATCH', `/v1/runs/${slow.id}`, { tags: ['birds', 'b'], notes: 'Warmup was TOO short' });
    const found = async (query: string): Promise<string[]> =>
      ((await (await get(`/v1/runs?${query}`)).json()) as RunList).runs.map(({ id }) => id);
    expect(await found('q=find&sort=name')).toEqual([quick.id, slow.id]);
    expect(await found('q=too+warmup+FIND')).toEqual([slow.id]);
    expect(await found('tag=b&tag=birds')).toEqual([slow.id]);
    expect(await found('tag=birds,c')).toEqual([]);
    const where = (condition: string): string => `q=find&where=${encodeURIComponent(condition)}`;
    expect(await found(where('optimizer.learningRate=5e-2'))).toEqual([slow.id]);
    expect(await found(where('optimizer.learningRate>0.1'))).toEqual([quick.id]);
    expect(await found(where('model.architecture!=resnet20'))).toEqual([]);
    expect(await found(where('optimizer.no=1'))).toEqual([]);
    expect(await found('ref=find+slow')).toEqual([slow.id]);
    expect(await found(`ref=${quick.id.slice(0, -1)}`)).toContain(quick.id);
    await post(`/v1/runs/${slow.id}/cancel`);
    expect(await found('q=find&state=cancelled,failed')).toEqual([slow.id]);
    await stack.send('PATCH', `/v1/runs/${slow.id}`, { isArchived: true });
    expect(await found('q=find')).toEqual([quick.id]);
    expect(await found('q=find&archived=true')).toEqual([slow.id]);
    expect(await found('q=find&archived=all')).toEqual([slow.id, quick.id]);
    const faulty = await problemOf(await get('/v1/runs?where=rate&sort=size&archived=no'), 400);
    expect(paths(faulty)).toEqual(['archived', 'sort', 'where.0']);
  });

  it('knows no run of another name', async () => {
    for (const path of ['', '/metrics', '/events', '/checkpoints', '/checkpoints/1/weights.safetensors']) {
      await problemOf(await get(`/v1/runs/none${path}`), 404);
    }
    await problemOf(await post('/v1/runs/none/pause'), 404);
    await problemOf(await get('/v1/nothing'), 404);
  });

  it('says which order makes no sense now', async () => {
    const { id } = await submit();
    expect((await problemOf(await post(`/v1/runs/${id}/resume`), 409)).detail).toBe(
      'a run that is pending cannot be resumed',
    );
    expect((await post(`/v1/runs/${id}/cancel`)).status).toBe(200);
    await problemOf(await post(`/v1/runs/${id}/cancel`), 409);
  });

  it('gives out the weights of a checkpoint, and no file from elsewhere', async () => {
    const { id } = await submit({ name: 'weights' });
    const run = stack.registry.loaded(id);
    const base = join(stack.directory, 'checkpoints', id);
    const outside = join(stack.directory, 'outside');
    for (const folder of [join(base, 'good'), outside]) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'weights.safetensors'), 'the weights');
      await writeFile(join(folder, 'average.safetensors'), 'their average');
    }
    await symlink(outside, join(base, 'link'));
    const directories = [join(base, 'good'), outside, '../../outside', join(base, 'link'), join(base, 'none')];
    for (const [step, directory] of directories.entries()) {
      const checkpoint = { step, round: step, directory, weightsSha256: 'a'.repeat(64), sizeBytes: 11, at: 1 };
      await run?.dispatch({ kind: 'checkpointed', at: 1, checkpoint });
      if (step === 0) {
        const response = await get(`/v1/runs/${id}/checkpoints/0/weights.safetensors`);
        expect(response.headers.get('content-length')).toBe('11');
        expect(await response.text()).toBe('the weights');
        const average = await get(`/v1/runs/${id}/checkpoints/0/average.safetensors`);
        expect(await average.text()).toBe('their average');
      } else await problemOf(await get(`/v1/runs/${id}/checkpoints/${step}/weights.safetensors`), 404);
    }
    await problemOf(await get(`/v1/runs/${id}/checkpoints/x/weights.safetensors`), 400);
    expect(await (await get(`/v1/runs/${id}/checkpoints`)).json()).toMatchObject({
      checkpoints: [{ step: 2 }, { step: 3 }, { step: 4 }],
    });
    await rm(base, { recursive: true });
  });

  it('streams a journal after the last line seen, and what happens next', async () => {
    const { id } = await submit({ name: 'stream' });
    const closing = new AbortController();
    const response = await fetch(`${stack.url}/v1/runs/${id}/events`, {
      headers: { 'Last-Event-ID': '1' },
      signal: closing.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
    })().catch(() => undefined);
    await until(
      () => text,
      (soFar) => soFar.includes('event: progress'),
    );
    expect(text).not.toContain('event: journal');
    await post(`/v1/runs/${id}/cancel`);
    await until(
      () => text,
      (soFar) =>
        /event: journal\nid: 2\ndata: .*"cancelled"/.test(soFar) &&
        /event: progress\ndata: .*"state":"cancelled"/.test(soFar),
    );
    closing.abort();
    await reading;
  });

  it('ends its streams and goes down quickly while they are open', async () => {
    const { id } = await submit();
    const response = await get(`/v1/runs/${id}/events`);
    const ended = response.text();
    await stack.stop();
    expect(await ended).toContain('event: progress');
    await stack.start();
  });

  it('describes itself, counts itself and shows its queues', async () => {
    const document = (await (await get('/docs-json')).json()) as {
      paths: Record<string, object>;
      components: { schemas: Record<string, object> };
    };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/v1/runs', '/v1/runs/{id}/events', '/v1/workers']),
    );
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Run', 'RunSpec', 'Problem', 'Worker']),
    );
    const text = JSON.stringify(document);
    for (const [, id] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).toHaveProperty(id ?? '');
    expect(await (await get('/metrics')).text()).toMatch(/skiplane_runs\{state="pending"\} \d/);
    expect((await get('/queues')).status).toBe(200);
    expect((await (await get('/v1/workers')).json()) as object).toEqual({ workers: [] });
  });

  it('serves the dashboard for every path of its own, and says when it is not built', async () => {
    const html = { Accept: 'text/html' };
    expect(await (await get('/', html)).text()).toContain('the dashboard is not built');
    const folder = join(stack.directory, 'dashboard');
    await mkdir(folder);
    await writeFile(join(folder, 'index.html'), '<title>Skiplane</title>');
    expect(await (await get('/runs/r1', html)).text()).toContain('<title>Skiplane</title>');
    await problemOf(await get('/v1/nothing', html), 404);
    await problemOf(await get('/assets/none.js'), 404);
  });

  it('answers no page of another site, nor a name that is not this machine', async () => {
    await problemOf(await post('/v1/runs', spec(), { Origin: 'http://evil.example' }), 403);
    expect(await statusAs('evil.example')).toBe(403);
    expect(await statusAs('localhost')).toBe(200);
  });

  it('refuses a port that is taken, in words', async () => {
    const port = Number(new URL(stack.url).port);
    const other = await TestStack.open();
    await expect(other.start({ port })).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
    await other[Symbol.asyncDispose]();
  });
});
