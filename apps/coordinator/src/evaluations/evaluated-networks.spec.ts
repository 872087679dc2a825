import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { evaluationViewSchema, problemSchema, type EvaluationRequestInput, type RunView } from '#contracts';
import { buildNetwork, importWeights, layoutOf } from '#resnet';
import { silentLogger } from '#telemetry';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { EvaluationWeights } from '../storage/evaluation-weights.js';
import { StoredFiles } from '../storage/stored-files.js';
import { TestStack } from '../testing/test-stack.js';

jest.setTimeout(30_000);

const AVERAGE = 'the average of the weights';
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

describe('the weights that an evaluation is of', () => {
  let stack: TestStack;
  let averaging: RunView;
  let plain: RunView;

  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
    const worker = await stack.fleet.add('w1');
    plain = await stack.trained();
    averaging = await stack.trained({ regularization: { ema: {} } });
    for (const { directory } of averaging.checkpoints) await writeFile(join(directory, 'average.safetensors'), AVERAGE);
    // Fake workers know nothing of evaluations.
    await worker.leave();
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const post = (path: string, body: unknown): Promise<Response> => stack.post(`/v1/runs${path}`, body);
  const networksOf = async (run: RunView, request: EvaluationRequestInput) => {
    const response = await post(`/${run.id}/evaluations`, request);
    expect(response.status).toBe(201);
    return evaluationViewSchema.parse(await response.json()).networks.map(({ source, sha256: sha }) => [source, sha]);
  };

  it('are the average where the run keeps one, of every model of an ensemble, unless it says otherwise', async () => {
    const { step } = averaging.checkpoints.at(-1) ?? { step: 0 };
    const average = [`run ${averaging.id}, step ${step}, average`, sha256(AVERAGE)];
    const trained = [`run ${averaging.id}, step ${step}`, averaging.weightsSha256];
    const ofPlain = [`run ${plain.id}, step ${step}`, plain.weightsSha256];
    expect(await networksOf(averaging, {})).toEqual([average]);
    expect(await networksOf(averaging, { ema: false })).toEqual([trained]);
    const ensemble = [{ run: averaging.id }, { run: averaging.id, ema: false, step }];
    expect(await networksOf(plain, { ensemble })).toEqual([ofPlain, average, trained]);
  });

  it('are kept as safetensors of a file that torch.save wrote', async () => {
    const files = new URL('../../../../test/weights/files/', import.meta.url).pathname;
    const blocks = { kind: 'basic' as const, stem: '3x3' as const, widths: [3, 5], numBlocks: [1, 1] };
    const model = { architecture: 'custom', blocks, shortcut: 'B' as const, numClasses: 3 };
    const request = (weights: string) => ({ ensemble: [{ weights: join(files, weights), model }] });
    const response = await post(`/${plain.id}/evaluations`, request('swa.pt'));
    const { errors = [] } = problemSchema.parse(await response.json());
    expect(errors).toEqual([{ path: 'ensemble.0', message: 'has 3 classes, the data set of the run has 2' }]);
    const evil = problemSchema.parse(await (await post(`/${plain.id}/evaluations`, request('evil.pth'))).json());
    expect(evil.errors?.[0]?.message).toMatch(/evil\.pth: holds posix\.system: only tensors/);

    const config = { ...stack.config(), checkpointDirectory: stack.directory };
    const stored = new StoredFiles(config);
    const kept = new EvaluationWeights(new CheckpointFiles(config), stored, config, silentLogger());
    const [file] = await kept.keep({ id: 'evaluation', spec: plain.spec }, [
      { model, path: join(files, 'swa.pt'), isForeign: true },
    ]);
    const network = buildNetwork(model);
    const weightsIn = async (path: string) => importWeights(network, layoutOf(network), await readFile(path));
    expect(await weightsIn(file?.path ?? '')).toEqual(await weightsIn(join(files, 'plain.safetensors')));
  });

  it('are evaluated once, however often that is asked for under a key, also after a restart', async () => {
    const send = (body: EvaluationRequestInput): Promise<Response> =>
      stack.post(`/v1/runs/${plain.id}/evaluations`, body, { 'Idempotency-Key': 'once' });
    const both = await Promise.all([send({}), send({})]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 201]);
    const views = await Promise.all(both.map(async (response) => evaluationViewSchema.parse(await response.json())));
    await stack.stop();
    await stack.start();
    const third = await send({});
    expect(third.status).toBe(200);
    expect(new Set([...views.map(({ id }) => id), evaluationViewSchema.parse(await third.json()).id]).size).toBe(1);
    expect((await send({ split: 'train' })).status).toBe(422);
  });

  it('are refused where they are not there, each by its place', async () => {
    const ensemble = [{ run: plain.id, ema: true }, { run: averaging.id, step: 999 }, { run: 'nobody' }];
    const response = await post(`/${plain.id}/evaluations`, { ema: true, ensemble });
    expect(response.status).toBe(422);
    const { errors = [] } = problemSchema.parse(await response.json());
    expect(errors.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      `step: run ${plain.id} keeps no average of weights`,
      `ensemble.0: run ${plain.id} keeps no average of weights`,
      expect.stringContaining(`ensemble.1: run ${averaging.id} has no weights of step 999 on disk; it lists: `),
      'ensemble.2: there is no run nobody',
    ]);
    const misshapen = await post(`/${plain.id}/evaluations`, { ensemble: [{ run: 1 }] });
    expect(problemSchema.parse(await misshapen.json()).errors).toEqual([
      { path: 'ensemble.0', message: expect.stringContaining('expected a run: { run, step?, ema? }, or a file') },
    ]);
  });
});
