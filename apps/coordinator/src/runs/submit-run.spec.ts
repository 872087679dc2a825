import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  problemSchema,
  recipeViewSchema,
  runViewSchema,
  type Problem,
  type RunSpecInput,
  type RunView,
} from '#contracts';
import { z } from 'zod';
import {
  buildNetwork,
  importWeights,
  initialState,
  layoutOf,
  weightsToSafetensors,
  type NetworkOptions,
} from '#resnet';
import { TestStack } from '../testing/test-stack.js';

jest.setTimeout(30_000);

function weightsOf(model: NetworkOptions): Uint8Array {
  const network = buildNetwork(model);
  const layout = layoutOf(network);
  return weightsToSafetensors(network, layout, initialState(layout, 1), 0);
}

describe('submitting a run', () => {
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
  const faultsOf = async (changes: Partial<RunSpecInput>, status = 422) => {
    const { errors = [] } = await problemOf(await post('/v1/runs', spec(changes)), status);
    return errors.map(({ path, message }) => `${path}: ${message}`).sort();
  };
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
    ).toEqual([
      expect.stringContaining('fc.bias: floats [2] expected'),
      expect.stringContaining('fc.weight: floats [2, 64] expected'),
      'initialWeights: the file does not fit resnet8: its head is of 3 classes, not 2',
    ]);
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

  it('takes weights as torch.save wrote them, keeps them as safetensors and tells where they were', async () => {
    const files = new URL('../../../../test/weights/files/', import.meta.url).pathname;
    const blocks = { kind: 'basic' as const, stem: '3x3' as const, widths: [3, 5], numBlocks: [1, 1] };
    const model = { architecture: 'custom' as const, blocks, shortcut: 'B' as const, numClasses: 2 };
    const initialWeights = join(files, 'lightning.ckpt');
    const run = await submit({ model, initialWeights, fineTune: {} });
    // With the head that it does not take, for clones that do.
    const network = buildNetwork({ ...model, numClasses: 3 });
    const weightsIn = async (path: string) => importWeights(network, layoutOf(network), await readFile(path));
    const kept = join(stack.directory, 'checkpoints', run.id, 'initial.safetensors');
    expect((await weightsIn(kept)).parameters).toEqual((await weightsIn(join(files, 'plain.safetensors'))).parameters);
    const journal = await readFile(join(stack.directory, 'data', 'runs', run.id, 'journal.jsonl'), 'utf8');
    expect(journal).toContain('they lie under state_dict.model.; 22 other tensors are not looked at');

    const refused = await faultsOf({ model, initialWeights: join(files, 'evil.pth'), fineTune: {} });
    expect(refused).toEqual([
      expect.stringMatching(/^initialWeights: .*evil\.pth: holds posix\.system: only tensors/),
      'initialWeights: posix.system: is no tensor and no plain container',
    ]);
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
});
