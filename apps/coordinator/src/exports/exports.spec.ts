import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { unzipSync } from 'fflate';
import { problemSchema, type Problem, type RunView } from '#contracts';
import { buildNetwork, initialState, layoutOf, weightsToSafetensors } from '#resnet';
import { decodeSignatures } from '#tensorflow-graph';
import { specInput } from '../testing/run-record.js';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

/** Threads do not go through the test runner: the compiled one is run. */

describe('GET /v1/runs/:id/exports/:format', () => {
  let stack: TestStack;
  let run: RunView;
  const { model } = specInput({});
  const network = buildNetwork(model);
  const layout = layoutOf(network);
  const weightsOf = (seed: number): Uint8Array<ArrayBuffer> =>
    weightsToSafetensors(network, layout, initialState(layout, seed), 3);

  beforeAll(async () => {
    stack = await TestStack.open();
    stack.fleet.weightsAfter = () => weightsOf(1);
    await stack.start();
    await stack.fleet.add('w1');
    run = await stack.trained();
  });
  afterEach(async () => {
    // The file goes once the last byte was sent.
    await until(
      () => readdir(join(stack.directory, 'data', 'exports')).catch(() => []),
      (left) => left.length === 0,
    );
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const download = (what: string, id = run.id): Promise<Response> =>
    fetch(`${stack.url}/v1/runs/${id}/exports/${what}`);
  const bytesOf = async (response: Response): Promise<Uint8Array> => {
    expect(response.status).toBe(200);
    return new Uint8Array(await response.arrayBuffer());
  };
  const problemOf = async (response: Response, status: number): Promise<Problem> => {
    expect(response.status).toBe(status);
    return problemSchema.parse(await response.json());
  };

  it('sends a SavedModel as a zip of its folder, with the names of the classes, the same bytes every time', async () => {
    const response = await download('savedmodel');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="${run.id}-step${run.progress.totalSteps}.savedmodel.zip"`,
    });
    const zip = await bytesOf(response);
    expect(response.headers.get('content-length')).toBe(String(zip.length));
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(['saved_model.pb', 'assets.extra/classes.json']);
    const signatures = decodeSignatures(files['saved_model.pb'] ?? new Uint8Array());
    expect(Object.keys(signatures)).toEqual(['serving_default', 'encoded', 'normalized']);
    expect(JSON.parse(Buffer.from(files['assets.extra/classes.json'] ?? []).toString())).toEqual(['cat', 'dog']);
    expect(Buffer.compare(await bytesOf(await download('savedmodel')), zip)).toBe(0);
  });

  it('sends a TensorFlow.js model as a zip, ONNX and safetensors as one file', async () => {
    expect(Object.keys(unzipSync(await bytesOf(await download('tfjs'))))).toEqual([
      'model.json',
      expect.stringMatching(/^group1-shard1of/),
    ]);
    const onnx = await bytesOf(await download('onnx'));
    expect(Buffer.from(onnx).includes('fc.weight')).toBe(true);
    expect(Buffer.compare(await bytesOf(await download('safetensors')), weightsOf(1))).toBe(0);
  });

  it('takes the average of weights where the run keeps one, unless told otherwise', async () => {
    const averaging = await stack.trained({ regularization: { ema: {} } });
    await writeFile(join(averaging.checkpoints.at(-1)?.directory ?? '', 'average.safetensors'), weightsOf(2));
    const average = await download('safetensors', averaging.id);
    expect(average.headers.get('content-disposition')).toContain('-average.safetensors');
    expect(Buffer.compare(await bytesOf(average), weightsOf(2))).toBe(0);
    const trained = await download('safetensors?ema=false', averaging.id);
    expect(Buffer.compare(await bytesOf(trained), weightsOf(1))).toBe(0);
    expect((await problemOf(await download('onnx?ema=true'), 404)).detail).toContain('keeps no average');
  });

  it('refuses other formats, steps and runs, a run without a checkpoint, and damaged weights', async () => {
    expect((await problemOf(await download('pickle'), 400)).errors?.[0]?.message).toContain('savedmodel');
    await problemOf(await download('onnx?step=x&half=1'), 400);
    await problemOf(await download('onnx?step=999'), 404);
    await problemOf(await download('onnx', 'none'), 404);
    stack.fleet.untilRound = 0;
    await problemOf(await download('onnx', (await stack.submit()).id), 409);
    const folder = run.checkpoints.at(-1)?.directory ?? '';
    await writeFile(join(folder, 'weights.safetensors'), weightsOf(3));
    expect((await problemOf(await download('onnx'), 422)).detail).toContain('damaged');
    await rm(folder, { recursive: true });
    await problemOf(await download('onnx'), 404);
  });
});
