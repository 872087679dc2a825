import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemSchema, runViewSchema, type RunSpecInput, type RunView } from '#contracts';
import { runSkiplane } from '../../apps/cli/src/testing/run-skiplane.js';
import { TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
const STEPS_PER_EPOCH = 10;
const EPOCHS = 60;

/** Real processes. The end of a run is found by its workers, from evaluations alone. */
describe('a run that stops early', () => {
  let world: TrainingStack;
  let alone: RunView;

  const spec = (changes: Partial<RunSpecInput> = {}): RunSpecInput =>
    world.spec({
      epochs: EPOCHS,
      checkpoint: { everySteps: 7, keep: 'best' },
      // Long enough that a run can be paused after its first epoch and before its end.
      stopWhen: { noImprovement: { epochs: 4, minDelta: 0.15 } },
      ...changes,
    });
  const on = (workers: number): Partial<RunSpecInput> => ({ workers: { min: workers, max: workers } });

  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 3, parameterServers: 1 });
    await world.workersReady(3);
    alone = await world.finished(await world.submit(spec(on(1))));
  }, TIMEOUT_MS);
  afterAll(async () => await world[Symbol.asyncDispose](), TIMEOUT_MS);

  function expectSameEnd(view: RunView): void {
    expect(view.stopped).toEqual(alone.stopped);
    expect(view.weightsSha256).toBe(alone.weightsSha256);
    expect(view.ledger).toEqual(alone.ledger);
  }

  it(
    'has the weights of the run of so many epochs, and says where and why it ended',
    async () => {
      const { stopped, progress, checkpoints, ledger } = alone;
      expect(stopped).toMatchObject({ cause: 'no-improvement', step: progress.step });
      const epochs = stopped?.epoch ?? 0;
      expect(epochs).toBeGreaterThan(1);
      expect(epochs).toBeLessThan(EPOCHS);
      expect(progress).toMatchObject({ step: epochs * STEPS_PER_EPOCH, totalSteps: EPOCHS * STEPS_PER_EPOCH });
      expect(ledger.map(({ samples, missing }) => [samples, missing])).toEqual(ledger.map(() => [320, 0]));
      const whole = await world.finished(await world.submit(world.spec({ epochs })));
      expect(whole.stopped).toBeNull();
      expect(alone.weightsSha256).toBe(whole.weightsSha256);

      // The newest checkpoint and the best one are there, and nothing else.
      const best = checkpoints.find(({ isBest }) => isBest);
      expect(best).toMatchObject({ figure: { figure: 'accuracy' } });
      expect(new Set(checkpoints.map(({ step }) => step))).toEqual(new Set([best?.step, stopped?.step]));
      expect(await readdir(dirname(best?.directory ?? ''))).toHaveLength(checkpoints.length);

      // Asked for by its name.
      const base = `${world.stack.url}/v1/runs/${alone.id}`;
      const weights = await fetch(`${base}/checkpoints/best/weights.safetensors`);
      const bytes = Buffer.from(await weights.arrayBuffer());
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(best?.weightsSha256);
      const exported = await fetch(`${base}/exports/onnx?step=best`);
      expect(exported.headers.get('content-disposition')).toContain(`step${best?.step}`);
      await exported.arrayBuffer();
      const evaluated = await world.post(`/v1/runs/${alone.id}/evaluations`, { step: 'best' });
      expect(await evaluated.json()).toMatchObject({ networks: [{ source: `run ${alone.id}, step ${best?.step}` }] });
      const plain = await fetch(`${world.stack.url}/v1/runs/${whole.id}/checkpoints/best/weights.safetensors`);
      expect(await plain.json()).toMatchObject({ detail: expect.stringContaining('only checkpoint.keep "best"') });

      const { outLines } = await runSkiplane(['verify', alone.id, '--json', '--url', world.stack.url]);
      expect(JSON.parse(outLines.join(''))).toMatchObject({ isRight: true, steps: stopped?.step });
    },
    TIMEOUT_MS,
  );

  it(
    'ends at the same step with the same bits on 2 workers, and on 3 of which one is killed',
    async () => {
      expectSameEnd(await world.finished(await world.submit(spec(on(2)))));
      const struck = await world.submit(spec(on(3)));
      await world.atStep(struck, STEPS_PER_EPOCH + 3);
      await world.stack.kill('worker-1');
      expectSameEnd(await world.finished(struck));
    },
    TIMEOUT_MS,
  );

  it(
    'ends so as a run of its own that goes on from any of its checkpoints',
    async () => {
      const clone = async (body: unknown, of = alone.id): Promise<Response> =>
        await world.post(`/v1/runs/${of}/clone`, body);
      // In the middle of the first epoch.
      const kept = await world.finished(
        await world.submit(spec({ ...on(1), checkpoint: { everySteps: 7, keep: 99 } })),
      );
      const response = await clone({ checkpoint: 7 }, kept.id);
      expect(response.status).toBe(201);
      const { id } = runViewSchema.parse(await response.json());
      const again = await world.finished(id);
      expectSameEnd(again);
      expect(again.origin).toEqual({ runId: kept.id, step: 7 });
      const { outLines } = await runSkiplane(['verify', id, '--json', '--url', world.stack.url]);
      expect(JSON.parse(outLines.join(''))).toMatchObject({ isRight: true, steps: alone.stopped?.step });

      // Where nothing would be left to do, and what the position depends on: all at once.
      const refused = await clone({
        checkpoint: 'newest',
        changes: { lanes: 2, seed: 9, regularization: { ema: {} } },
      });
      expect(refused.status).toBe(422);
      expect(problemSchema.parse(await refused.json()).errors?.map(({ path }) => path)).toEqual([
        'changes.lanes',
        'changes.seed',
        'changes.regularization.ema',
        'changes.stopWhen',
      ]);
      const absent = await clone({ checkpoint: 1 });
      expect(problemSchema.parse(await absent.json()).errors).toMatchObject([{ path: 'checkpoint' }]);

      // Beyond the early end it has the bits of the run that never stopped.
      const epochs = (alone.stopped?.epoch ?? 0) + 1;
      const longer = await world.finished(await world.submit(world.spec({ epochs })));
      const changes = ['--set', 'stopWhen=null', '--set', `epochs=${epochs}`];
      const io = await runSkiplane([
        'clone',
        alone.id,
        '--checkpoint',
        'newest',
        ...changes,
        '--json',
        '--url',
        world.stack.url,
      ]);
      const resumed = await world.finished(runViewSchema.parse(JSON.parse(io.outLines.join(''))).id);
      expect(resumed.stopped).toBeNull();
      expect(resumed.weightsSha256).toBe(longer.weightsSha256);
      expect(resumed.ledger).toEqual(longer.ledger);
    },
    TIMEOUT_MS,
  );

  it(
    'ends so after a pause, from its checkpoint',
    async () => {
      const paused = await world.submit(spec(on(1)));
      await world.atStep(paused, STEPS_PER_EPOCH + 2);
      await world.post(`/v1/runs/${paused}/pause`);
      await world.until(paused, 'the pause', ({ state }) => state === 'paused');
      await world.post(`/v1/runs/${paused}/resume`);
      const resumed = await world.finished(paused);
      expectSameEnd(resumed);
      expect(resumed.incarnation).toBe(2);
    },
    TIMEOUT_MS,
  );
});
