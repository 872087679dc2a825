import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPTIMIZERS, optimizerSchema, type RunSpecInput, type RunView } from '#contracts';
import { runSkiplane } from '../../apps/cli/src/testing/run-skiplane.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;

/** One flipped bit, which no length and no header tells. */
async function damage(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length - 1_000;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

/** Real processes: coordinator, parameter servers, workers, Redis. Hashes are compared on one machine, never committed. */
describe('the same run', () => {
  let world: TrainingStack;
  let undisturbed: RunView;

  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
    const view = await world.finished(await world.submit());
    expect(isWhole(view)).toBe(true);
    expect(view.progress.step).toBe(40);
    expect(view.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    undisturbed = view;
  }, TIMEOUT_MS);
  afterAll(async () => await world[Symbol.asyncDispose](), TIMEOUT_MS);

  /** The same weights, by the same steps. */
  function expectSameBits(view: RunView): void {
    expect(view.weightsSha256).toBe(undisturbed.weightsSha256);
    expect(view.ledger).toEqual(undisturbed.ledger);
    expect(view.ledger.map(({ chain }) => chain)).not.toContain(null);
  }

  async function skiplane(...args: string[]): Promise<unknown> {
    const io = await runSkiplane([...args, '--json', '--url', world.stack.url]);
    return JSON.parse(io.outLines.join(''));
  }

  it(
    'has the same weights on 2 and 3 workers and when a worker joins in mid-epoch',
    async () => {
      await world.stack.addWorker();
      await world.workersReady(2);
      // Whoever is held by another run joins at once when that ends, on a machine of any speed.
      const holding = await world.submit(world.spec({ epochs: 500, workers: { min: 1, max: 1 } }));
      await world.atStep(holding, 1);
      const joined = await world.submit(world.spec({ epochs: 12 }));
      await world.atStep(joined, 3);
      expect((await world.post(`/v1/runs/${holding}/cancel`)).status).toBeLessThan(300);
      await world.until(joined, 'lanes on both workers', ({ lanes }) => {
        const drivers = new Set(lanes.map((lane) => lane.workerId));
        return drivers.size === 2 && !drivers.has(null);
      });
      const twelve = await world.finished(joined);
      expect(isWhole(twelve)).toBe(true);

      await world.stack.addWorker();
      const onTwo = await world.finished(await world.submit(world.spec({ workers: { min: 2, max: 2 } })));
      const onThree = await world.finished(await world.submit(world.spec({ workers: { min: 3, max: 3 } })));
      const again = await world.finished(await world.submit(world.spec({ epochs: 12, workers: { min: 1, max: 1 } })));
      for (const view of [onTwo, onThree]) expectSameBits(view);
      expect(twelve.weightsSha256).toBe(again.weightsSha256);

      // Step by step, as a user would look.
      for (const [a, b] of [
        [undisturbed, onThree],
        [twelve, again],
      ] as const) {
        expect(await skiplane('diff', a.id, b.id)).toMatchObject({
          isSame: true,
          sameSteps: a.progress.totalSteps,
          withoutDigest: 0,
        });
      }
      expect(await skiplane('diff', undisturbed.id, twelve.id)).toMatchObject({ isSame: false, sameSteps: 40 });
      expect(await skiplane('verify', twelve.id)).toMatchObject({ isRight: true, weights: { verdict: 'same' } });
    },
    TIMEOUT_MS,
  );

  it(
    'has the same weights by every other optimiser, and in bf16, in blocks and balanced, on 1 worker and on 3 of which one is killed',
    async () => {
      const optimizerOf = (kind: string): Partial<RunSpecInput> => ({
        optimizer: optimizerSchema.parse({ kind, clipNorm: 1, decayed: ['kernels', 'bias'] }),
      });
      const others = Object.keys(OPTIMIZERS).filter((kind) => kind !== 'sgd');
      const dataset = { ...world.spec().dataset, shuffle: 'blocks', balance: 'classes' } as const;
      const changes: readonly Partial<RunSpecInput>[] = [...others.map(optimizerOf), { precision: 'bf16', dataset }];
      const submit = async (change: Partial<RunSpecInput>, workers: number): Promise<string> =>
        await world.submit(world.spec({ epochs: 2, ...change, workers: { min: workers, max: workers } }));
      while (world.stack.workers().length < 3) await world.stack.addWorker();
      const hashes = new Set<string | null>();
      for (const change of changes) {
        const alone = await world.finished(await submit(change, 1));
        const id = await submit(change, 3);
        await world.atStep(id, 5);
        await world.stack.kill('worker-1');
        const onThree = await world.finished(id);
        expect(isWhole(onThree)).toBe(true);
        expect(onThree.ledger).toEqual(alone.ledger);
        expect(onThree.weightsSha256).toBe(alone.weightsSha256);
        hashes.add(alone.weightsSha256);
      }
      expect(hashes.size).toBe(changes.length);
    },
    TIMEOUT_MS,
  );

  it(
    'has the same weights when a worker is killed in mid-epoch, on two parameter servers',
    async () => {
      await using other = await TrainingStack.start({ workers: 2, parameterServers: 2, restart: false });
      const id = await other.submit(other.spec({ workers: { min: 2, max: 2 } }));
      const before = await other.atStep(id, 13);
      expect(new Set(before.lanes.map((lane) => lane.workerId)).size).toBe(2);
      await other.stack.kill('worker-1');
      const view = await other.finished(id);
      expectSameBits(view);
      expect(view.incarnation).toBe(1);
      expect(isWhole(view)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'goes on to the same weights when all is killed, the newest checkpoint damaged, all started, stopped, started again',
    async () => {
      await using other = await TrainingStack.start({ workers: 2 });
      const id = await other.submit();
      const before = await other.until(id, 'two checkpoints', ({ checkpoints }) => checkpoints.length === 2);
      await other.stack.killAll('SIGKILL');
      const newest = before.checkpoints.at(-1);
      if (newest === undefined) throw new Error('no checkpoint');
      await damage(join(newest.directory, 'weights.safetensors'));
      await mkdir(join(newest.directory, '..', '.step-00000099.worker-1'));
      await other.startAgain();
      const after = await other.atStep(id, 20);
      expect(after.incarnation).toBe(2);
      const journal = await readFile(join(other.folder, 'data', 'runs', id, 'journal.jsonl'), 'utf8');
      expect(journal).toContain(`the checkpoint of step ${newest.step} is passed over: weights.safetensors is corrupt`);
      await other.stack.stop();
      await other.startAgain();
      const view = await other.finished(id);
      expectSameBits(view);
      expect(view.incarnation).toBe(3);
      expect(isWhole(view)).toBe(true);
    },
    TIMEOUT_MS,
  );
});
