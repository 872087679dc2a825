import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { problemSchema, RefusedInputError, runSpecSchema, runViewSchema, type RunView } from '#contracts';
import { buildNetwork, initialState, layoutOf, weightsToSafetensors } from '#resnet';
import { specInput } from '../testing/run-record.js';
import { stackForEach } from '../testing/stack-for-each.js';
import type { TestStack } from '../testing/test-stack.js';
import { cloneSpec } from './clone-spec.js';

jest.setTimeout(30_000);

describe("a clone's spec", () => {
  const original = runSpecSchema.parse(specInput({ optimizer: { learningRate: 0.5, momentum: 0.8 } }));

  it("is the original's with the changes merged over it; null gives the default", () => {
    const changes = { optimizer: { learningRate: 0.05, momentum: null }, epochs: 7 };
    expect(cloneSpec(original, { changes })).toEqual({
      ...original,
      name: 'small clone',
      epochs: 7,
      optimizer: { ...original.optimizer, learningRate: 0.05, momentum: 0.9 },
    });
    expect(cloneSpec(original, { changes: {}, name: 'mine' })).toEqual({ ...original, name: 'mine' });
    expect(cloneSpec(original, { changes: { name: 'mine' } }).name).toBe('mine');
    expect(cloneSpec({ ...original, name: 'n'.repeat(100) }, { changes: {} }).name).toBe(`${'n'.repeat(94)} clone`);
  });

  it('is refused by naming every fault', () => {
    const changes = { epochs: 0, optimizer: { learningRate: 'fast' }, recipe: 'he2015-cifar', name: 'a' };
    const faultsOf = (): readonly string[] => {
      try {
        cloneSpec(original, { changes, name: 'b' });
      } catch (error) {
        if (error instanceof RefusedInputError) return error.faults.map(({ path }) => path);
        throw error;
      }
      return [];
    };
    expect(faultsOf().toSorted()).toEqual([
      'changes',
      'changes.epochs',
      'changes.name',
      'changes.optimizer.learningRate',
    ]);
  });
});

describe('POST /v1/runs/:id/clone', () => {
  let stack: TestStack;
  stackForEach(async (opened) => {
    stack = opened;
    await stack.start();
  });

  const clone = (id: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    stack.post(`/v1/runs/${id}/clone`, body, headers);
  const viewOf = async (response: Response): Promise<RunView> => runViewSchema.parse(await response.json());

  it('makes a run of its own that names the original, and is trained by the changed spec', async () => {
    await stack.fleet.add('w1');
    const original = await stack.trained();
    const response = await clone(original.id, { changes: { epochs: 1 }, name: 'shorter' });
    expect(response.status).toBe(201);
    const run = await viewOf(response);
    expect(response.headers.get('location')).toBe(`/v1/runs/${run.id}`);
    expect(run).toMatchObject({ origin: { runId: original.id, step: null }, spec: { name: 'shorter', epochs: 1 } });
    expect({ ...run.spec, name: 'small', epochs: 2 }).toEqual(original.spec);
    await stack.stop();
    await stack.start();
    expect((await stack.run(run.id)).origin).toEqual({ runId: original.id, step: null });
  });

  it('is one run, however often it is sent under its key, also after the original was renamed', async () => {
    const original = await stack.submit();
    const key = { 'Idempotency-Key': 'once' };
    const first = await viewOf(await clone(original.id, {}, key));
    await stack.send('PATCH', `/v1/runs/${original.id}`, { name: 'renamed' });
    const again = await clone(original.id, {}, key);
    expect(again.status).toBe(200);
    expect((await viewOf(again)).id).toBe(first.id);
    expect((await clone(original.id, { changes: { epochs: 5 } }, key)).status).toBe(422);
  });

  it('starts with the weights that the original started with, though their file is another by now', async () => {
    const path = join(stack.directory, 'w.safetensors');
    const network = buildNetwork(specInput().model);
    const layout = layoutOf(network);
    await writeFile(path, weightsToSafetensors(network, layout, initialState(layout, 1), 0));
    const original = await stack.submit({ initialWeights: path });
    await writeFile(path, 'nothing');
    const copy = await viewOf(await clone(original.id, {}));
    const recordOf = async (id: string): Promise<unknown> =>
      (await stack.registry.findTraining(id))?.record.initialWeights?.sha256;
    expect(copy.spec.initialWeights).toBe(path);
    expect(await recordOf(copy.id)).toBe(await recordOf(original.id));
    const named = await clone(original.id, { changes: { initialWeights: path } });
    expect(named.status).toBe(422);
    expect(problemSchema.parse(await named.json()).errors).toEqual([
      { path: 'initialWeights', message: expect.stringContaining(path) },
    ]);
  });

  it('refuses what cannot be trained, with every fault, and what is not there', async () => {
    const { id } = await stack.submit();
    const refused = await clone(id, { changes: { model: { numClasses: 3 }, laneBatchSize: 64 } });
    expect(refused.status).toBe(422);
    expect(problemSchema.parse(await refused.json()).errors?.map(({ path }) => path)).toEqual([
      'model.numClasses',
      'laneBatchSize',
    ]);
    expect((await clone(id, { change: {} })).status).toBe(400);
    expect((await clone('20200101-000000-0000', {})).status).toBe(404);
  });
});
