import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { evaluationViewSchema, problemSchema, runViewSchema, type RunView } from '#contracts';
import { inBucket, type Bucket } from '../../../../test/support/object-server/in-bucket.js';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

const STORE = 's3://bucket/runs';
const EPOCHS = 4;
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** The coordinator itself; workers compute nothing. */
describe('a run whose checkpoints lie in a store', () => {
  let bucket: Bucket;
  let stack: TestStack;
  let run: RunView;
  const checkpoint = { everySteps: 4, keep: 2, store: STORE };
  const start = () => stack.start({ stores: bucket.settings });

  beforeAll(async () => {
    bucket = await inBucket();
    stack = await TestStack.open();
    await start();
    await stack.fleet.add('w1');
    run = await stack.trained({ epochs: EPOCHS, checkpoint });
  });
  afterEach(() => {
    bucket.server.faults.length = 0;
    stack.fleet.untilRound = Infinity;
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
  });

  const keys = (id: string): readonly string[] =>
    [...bucket.server.objects.keys()].filter((key) => key.startsWith(`bucket/runs/${id}/`));
  const problemOf = async (response: Response, status: number) => {
    expect(response.status).toBe(status);
    return problemSchema.parse(await response.json());
  };
  const weights = (id: string): Promise<Response> =>
    fetch(`${stack.url}/v1/runs/${id}/checkpoints/newest/weights.safetensors`);

  it('says where they lie, and leaves nothing on disk', async () => {
    expect(run.checkpoints).toHaveLength(2);
    for (const { directory } of run.checkpoints)
      expect(directory).toMatch(new RegExp(`^${STORE}/${run.id}/step-\\d{8}-`));
    expect(await readdir(join(stack.directory, 'checkpoints')).catch(() => [])).toEqual([]);
  });

  it('gives its weights, and says so where the store does not answer', async () => {
    const text = await (await weights(run.id)).text();
    expect(sha256(text)).toBe(run.weightsSha256);
    await rm(bucket.settings.cache.folder, { recursive: true });
    bucket.server.faults.push({ times: 99, what: { kind: 'status', status: 403, code: 'AccessDenied' } });
    expect((await problemOf(await weights(run.id), 503)).detail).toMatch(/s3:\/\/bucket.*no right/);
  });

  it('is refused where the bucket cannot be written to', async () => {
    bucket.server.faults.push({
      times: 99,
      method: 'PUT',
      what: { kind: 'status', status: 404, code: 'NoSuchBucket' },
    });
    const refused = await stack.post('/v1/runs', stack.spec({ checkpoint, laneBatchSize: 999 }));
    const { errors = [] } = await problemOf(refused, 422);
    expect(errors.map(({ path }) => path)).toEqual(['laneBatchSize', 'checkpoint.store']);
    expect(errors[1]?.message).toMatch(/there is no such bucket/);
    const odd = await problemOf(
      await stack.post('/v1/runs', stack.spec({ checkpoint: { ...checkpoint, store: 'https://x/y' } })),
      400,
    );
    expect(odd.errors?.[0]?.message).toMatch(/no s3:\/\/bucket\/prefix/);
  });

  it('goes on from the newest whole one, passing over a damaged one', async () => {
    stack.fleet.untilRound = 10;
    const { id } = await stack.submit({ epochs: EPOCHS, checkpoint });
    const before = await until(
      () => stack.run(id),
      ({ checkpoints }) => checkpoints.some(({ step }) => step === 8),
    );
    await stack.stop();
    for (const worker of stack.fleet.workers) await worker.kill();
    const newest = before.checkpoints.at(-1);
    const damaged = `${newest?.directory.slice('s3://'.length)}/weights.safetensors`;
    bucket.server.put(damaged, Buffer.from('other bits'));
    await start();
    stack.fleet.untilRound = Infinity;
    await stack.fleet.add('w2');
    const done = await until(
      () => stack.run(id),
      ({ state }) => state === 'finished',
      { timeoutMs: 30_000 },
    );
    expect(done.warnings.map(({ message }) => message).join('\n')).toMatch(
      /step \d+ is passed over: weights\.safetensors is corrupt/,
    );
    expect(done.weightsSha256).toBe(run.weightsSha256);
  });

  it('is evaluated by weights of its own, which go when that is over, and is cloned from a checkpoint', async () => {
    const response = await stack.post(`/v1/runs/${run.id}/evaluations`, {});
    const { id } = evaluationViewSchema.parse(await response.json());
    expect(keys(id)).toEqual([`bucket/runs/${id}/network-0.safetensors`]);
    await stack.post(`/v1/runs/${run.id}/evaluations/${id}/cancel`);
    await until(
      () => Promise.resolve(keys(id)),
      (left) => left.length === 0,
    );
    const changes = { epochs: EPOCHS + 1 };
    const cloned = runViewSchema.parse(
      await (await stack.post(`/v1/runs/${run.id}/clone`, { changes, checkpoint: 'newest' })).json(),
    );
    expect(cloned.checkpoints[0]?.directory).toMatch(new RegExp(`^${STORE}/${cloned.id}/step-`));
    expect(keys(cloned.id).length).toBeGreaterThanOrEqual(3);
  });

  it('is deleted with what lies in its store', async () => {
    expect(keys(run.id).length).toBe(6);
    const forecast = await (await fetch(`${stack.url}/v1/runs/${run.id}/removal`)).json();
    expect(forecast).toMatchObject({ stores: [`${STORE}/${run.id}`] });
    expect((await stack.send('DELETE', `/v1/runs/${run.id}`)).status).toBe(200);
    await until(
      () => Promise.resolve(keys(run.id)),
      (left) => left.length === 0,
    );
  });
});
