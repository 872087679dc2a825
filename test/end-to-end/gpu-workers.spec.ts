import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ledgerPageSchema } from '#contracts';
import { fakeDriver, PRETEND_GPU, type FakeDriver } from '../support/drivers/fake-driver.js';
import { runJournal } from './run-journal.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;

describe('on GPUs', () => {
  let exactWeights: string | null;
  let driver: FakeDriver;
  let world: TrainingStack;
  beforeAll(async () => {
    driver = await fakeDriver('four');
    const env = { PATH: driver.path, NODE_OPTIONS: PRETEND_GPU, CUDA_VISIBLE_DEVICES: '0' };
    world = await TrainingStack.start({ device: 'auto', parameterServers: 1, env });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await driver[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  it(
    'a run of fast bits gets a process that loads TensorFlow for it, and the ledger says that the bits are not promised',
    async () => {
      await world.workersReady(1);
      const exact = await world.finished(await world.submit(world.spec({ epochs: 1 })));
      expect(exact.fingerprint).toMatch(/NVIDIA-H100-80GB-HBM3\/.*\/tf32\/fp32\/exact$/);
      expect(exact.fastFromStep).toBeNull();
      exactWeights = exact.weightsSha256;
      const id = await world.submit(world.spec({ epochs: 1, bits: 'fast' }));
      const fast = await world.finished(id);
      expect(fast.fingerprint).toMatch(/\/fast$/);
      expect(fast.fastFromStep).toBe(1);
      expect(isWhole(fast)).toBe(true);
      const response = await fetch(`${world.stack.url}/v1/runs/${id}/ledger`);
      expect(ledgerPageSchema.parse(await response.json()).fastFromStep).toBe(1);
      const words = 'computes on a GPU with fast bits: from step 1 on the same bits are not promised';
      expect(await runJournal(world, id, words)).toContain(words);
      // The first one had loaded TensorFlow for exact bits.
      expect(world.stack.workers()).toMatchObject([{ name: 'worker-1', restarts: 1 }]);
      expect((await world.workers()).map(({ workerId }) => workerId)).toEqual(['worker-1.2']);
    },
    TIMEOUT_MS,
  );

  it(
    'one worker computes on several together, with the bits of one',
    async () => {
      await world.stack.addWorker({ CUDA_VISIBLE_DEVICES: '0,1,3', SKIPLANE_DEVICES: '1,3' });
      await world.workersReady(1, ({ workerId }) => workerId === 'worker-2');
      await world.stack.removeWorker('worker-1');
      const run = await world.finished(await world.submit(world.spec({ epochs: 1 })));
      expect(run.weightsSha256).toBe(exactWeights);
      expect(await world.workers()).toMatchObject([{ device: 'GPUs 1, 3 NVIDIA H100 80GB HBM3', engines: 2 }]);
      // Each of its devices is claimed.
      await world.stack.addWorker({ CUDA_VISIBLE_DEVICES: '0,1,3', SKIPLANE_DEVICES: 'all' });
      await world.workersReady(1, ({ workerId, status }) => workerId === 'worker-3' && status === 'refused');
      const refused = (await world.workers()).find(({ workerId }) => workerId === 'worker-3');
      expect(refused?.reason).toMatch(/^not every GPU is free: GPU 1 .* by worker worker-2, .*, GPU 3 .* by worker w/);
    },
    TIMEOUT_MS,
  );
});
