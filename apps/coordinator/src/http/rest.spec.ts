import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  problemSchema,
  recipeViewSchema,
  runViewSchema,
  type Problem,
  type RunList,
  type RunSpecInput,
  type RunView,
} from '#contracts';
import { z } from 'zod';
import { buildNetwork, initialState, layoutOf, weightsToSafetensors, type NetworkOptions } from '#resnet';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(30_000);

function weightsOf(model: NetworkOptions): Uint8Array {
  const network = buildNetwork(model);
  const layout = layoutOf(network);
  return weightsToSafetensors(network, layout, initialState(layout, 1), 0);
}

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

  it('takes a run and says where it is', async () => {
    const response = await post('/v1/runs', spec());
    expect(response.status).toBe(201);
    const run = runViewSchema.parse(await response.json());
    expect(response.headers.get('location')).toBe(`/v1/runs/${run.id}`);
    expect(run).toMatchObject({
      state: 'pending',
      dataset: { numTrainSamples: 10, numValidationSamples: 4, classes: ['cat', 'dog'] },
    });
    expect(runViewSchema.parse(await (await get(`/v1/runs/${run.id}`)).json()).id).toBe(run.id);
  });

  it('completes a run from the recipe it names, and lists the recipes', async () => {
    const response = await post('/v1/runs', {
      name: 'from a recipe',
      recipe: 'he2015-cifar10',
      model: { numClasses: 2 },
      dataset: { kind: 'image-folder', path: stack.datasetPath },
      lanes: 2,
      laneBatchSize: 2,
    });
    expect(response.status).toBe(201);
    const { spec: stored } = runViewSchema.parse(await response.json());
    expect(stored).toMatchObject({ fromRecipe: 'he2015-cifar10', epochs: 164, lanes: 2, laneBatchSize: 2 });
    expect(stored.optimizer.schedule).toMatchObject({ kind: 'steps', milestones: [81.92, 122.88] });
    const unknown = await problemOf(await post('/v1/runs', { ...spec(), recipe: 'he2016' }), 400);
    expect(paths(unknown)).toEqual(['recipe']);
    const { recipes } = z.object({ recipes: z.array(recipeViewSchema) }).parse(await (await get('/v1/recipes')).json());
    expect(recipes.map(({ name }) => name)).toContain('goyal2017');
  });

  it('names every fault of a spec at once', async () => {
    const problem = await problemOf(
      await post('/v1/runs', { ...spec(), name: 'a/b', lanes: 0, epochs: 1.5, extra: 1 }),
      400,
    );
    expect(paths(problem)).toEqual(['', 'epochs', 'lanes', 'name']);
  });

  it('names every fault that shows only against the data set', async () => {
    const faulty = spec({ model: { architecture: 'resnet20', numClasses: 3 }, laneBatchSize: 6, workers: { min: 3 } });
    expect(paths(await problemOf(await post('/v1/runs', faulty), 422))).toEqual([
      'laneBatchSize',
      'model.numClasses',
      'workers.min',
    ]);
    const absent = spec({ dataset: { kind: 'image-folder', path: '/nowhere' } });
    expect(paths(await problemOf(await post('/v1/runs', absent), 422))).toEqual(['dataset.path']);
  });

  it('names every fault of the weights a run is to start from, beside the others', async () => {
    const faultsOf = async (changes: Partial<RunSpecInput>, status = 422) => {
      const { errors = [] } = await problemOf(await post('/v1/runs', spec(changes)), status);
      return errors.map(({ path, message }) => `${path}: ${message}`).sort();
    };
    const model = { architecture: 'resnet8', numClasses: 2 };
    const file = join(stack.directory, 'weights.safetensors');
    await writeFile(file, weightsOf({ ...model, numClasses: 3, shortcut: 'B' }));
    expect(await faultsOf({ model, fineTune: {} }, 400)).toEqual([
      expect.stringMatching(/^fineTune: .*initialWeights/),
    ]);
    expect(
      await faultsOf({
        model,
        initialWeights: join(stack.directory, 'none'),
        fineTune: { frozen: ['layer9'] },
        lanes: 9,
      }),
    ).toEqual([
      expect.stringMatching(/^fineTune.frozen: resnet8 has no layer9, its parts: stem, layer1, layer2, layer3, fc/),
      expect.stringMatching(/^initialWeights: .*none: cannot be read/),
      expect.stringMatching(/^laneBatchSize: /),
    ]);
    expect(await faultsOf({ model, initialWeights: stack.datasetPath })).toEqual([
      expect.stringMatching(/^initialWeights: .*images: is no file/),
    ]);
    const unfit = await faultsOf({
      model,
      initialWeights: file,
      dataset: { kind: 'image-folder', path: '/nowhere' },
    });
    expect(unfit[0]).toMatch(/^dataset.path: /);
    expect(unfit).toContain('initialWeights: layer2.0.downsample.0.weight: is no tensor of resnet8');
    expect(unfit).toContain(
      'initialWeights: fc.weight: floats [2, 64] expected, F32 [3, 64] came; fineTune gives a new head',
    );
    expect(
      await faultsOf({ model: { ...model, shortcut: 'B' }, initialWeights: file, fineTune: { frozen: ['fc'] } }),
    ).toEqual(['fineTune.frozen: fc is a new head here: frozen it would never learn']);
    expect(
      await faultsOf({ model: { ...model, shortcut: 'B' }, initialWeights: file, fineTune: { newHead: false } }),
    ).toHaveLength(2);
    // Of the right shapes, but no weights.
    const network = buildNetwork(model);
    const layout = layoutOf(network);
    const state = initialState(layout, 1);
    state.parameters.fill(Number.NaN, 0, 1);
    state.statistics.fill(-1);
    await writeFile(file, weightsToSafetensors(network, layout, state, 0));
    const numbers = await faultsOf({ model, initialWeights: file });
    expect(numbers).toContain('initialWeights: conv1.weight: holds NaN');
    expect(numbers).toContain('initialWeights: bn1.running_var: holds negative variances');
    expect(numbers.every((fault) => / holds /.test(fault))).toBe(true);
  });

  it('keeps a copy of the weights a run starts from', async () => {
    const model = { architecture: 'resnet8', numClasses: 2 };
    const file = join(stack.directory, 'weights.safetensors');
    const bytes = weightsOf({ ...model, numClasses: 3 });
    await writeFile(file, bytes);
    const run = await submit({ model, initialWeights: file, fineTune: { frozen: ['stem'] } });
    await rm(file);
    const record = JSON.parse(await readFile(join(stack.directory, 'data', 'runs', run.id, 'run.json'), 'utf8'));
    expect(record.initialWeights).toEqual({
      path: join(stack.directory, 'checkpoints', run.id, 'initial.safetensors'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      newHead: true,
    });
    expect(Buffer.compare(await readFile(record.initialWeights.path), bytes)).toBe(0);
  });

  it('refuses a body that is no JSON, too large or none at all', async () => {
    await problemOf(await post('/v1/runs', '{"name":'), 400);
    await problemOf(await post('/v1/runs', { name: 'x'.repeat(300_000) }), 413);
    await problemOf(await post('/v1/runs'), 400);
  });

  it('answers a repeated submission with the first run, also of two at once and after a restart', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const both = await Promise.all([post('/v1/runs', spec(), headers), post('/v1/runs', spec(), headers)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 201]);
    const [first, second] = (await Promise.all(both.map((response) => response.json()))) as RunView[];
    expect(second?.id).toBe(first?.id);
    await stack.stop();
    await stack.start();
    const third = await post('/v1/runs', spec(), headers);
    expect(third.status).toBe(200);
    expect(((await third.json()) as RunView).id).toBe(first?.id);
    await problemOf(await post('/v1/runs', spec({ seed: 2 }), headers), 422);
    await problemOf(await post('/v1/runs', spec(), { 'Idempotency-Key': 'x'.repeat(201) }), 400);
  });

  it('lists newest first, filtered and paged', async () => {
    const ids = [(await submit({ name: 'one' })).id, (await submit({ name: 'two' })).id];
    const list = (await (await get('/v1/runs?state=pending&limit=2')).json()) as RunList;
    expect(list.runs.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(list).toMatchObject({ offset: 0, limit: 2 });
    expect(list.total).toBeGreaterThan(2);
    const next = (await (await get('/v1/runs?offset=1&limit=1')).json()) as RunList;
    expect(next.runs.map(({ id }) => id)).toEqual(ids.slice(0, 1));
    expect(paths(await problemOf(await get('/v1/runs?state=lost&limit=0'), 400))).toEqual(['limit', 'state']);
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
    const run = stack.registry.get(id);
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
