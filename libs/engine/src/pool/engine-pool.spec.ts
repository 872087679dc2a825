import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildNetwork } from '#resnet';
import type { Batch } from '#data-loading';
import { EnginePool } from './engine-pool.js';

/** A thread that is slow to start and answers every request with its own thread id. */
const THREAD = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId, workerData } from 'node:worker_threads';
    if (workerData.network.architecture === 'broken') throw new Error('no device');
    await new Promise((resolve) => setTimeout(resolve, 20));
    parentPort.on('message', ({ id, request }) =>
      parentPort.postMessage({
        id,
        ok: true,
        value: request.trees.map(() => Float32Array.of(threadId, request.options.lanes[0])),
        elapsedMs: 0,
      }));
    parentPort.postMessage('ready');
  `)}`,
);

/** A label at which the thread below blocks. */
const HANG = 7;

/** Slow at a shape of images it has not seen, as a GPU that plans its kernels for each; blocks at HANG as a native call can. */
const PLANNING = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const seen = new Set();
    parentPort.on('message', ({ id, request: { kind, trees, batches } }) => {
      const [batch] = batches ?? trees;
      const shape = [kind, batch.numSamples, batch.images.length, batch.mixup?.side].join();
      const elapsedMs = seen.has(shape) ? 1 : 250;
      seen.add(shape);
      Atomics.wait(cell, 0, 0, batch.labels[0] === ${HANG} ? Infinity : elapsedMs);
      parentPort.postMessage({ id, ok: true, value: [Float32Array.of(1)], elapsedMs });
    });
    parentPort.postMessage('ready');
  `)}`,
);
const network = buildNetwork({ architecture: 'resnet20', numClasses: 10 });
const batch = ({ numSamples = 1, side = 1, label = 0 } = {}): Batch => ({
  images: new Uint8Array(numSamples * side * side * 3),
  labels: new Int32Array(numSamples).fill(label),
  numSamples,
});

const options = (...lanes: readonly number[]) => ({ globalBatch: 9, numRounded: 0, lanes });

let pool: EnginePool;
afterEach(() => pool.close());

describe('an engine pool', () => {
  it('gives the lanes of a portable engine to a thread each, and adds up what they give', async () => {
    pool = new EnginePool({ network, engine: 'portable', lanesAtOnce: 3, threadUrl: THREAD });
    expect(pool.trains).toBe(false);
    const vectors = await pool.gradients([batch(), batch(), batch()], options(4, 5, 6));
    expect(new Set(vectors.map(([thread]) => thread)).size).toBe(3);
    expect(vectors.map(([, lane]) => lane)).toEqual([4, 5, 6]);
    const [sum] = await pool.gradients([[[batch(), batch()], batch()]], options(1, 2, 3));
    expect(sum?.[1]).toBe(6);
  });

  it('gives all lanes of a graph engine to one thread', async () => {
    pool = new EnginePool({ network, engine: 'graph', lanesAtOnce: 3, threadUrl: THREAD });
    expect(pool.trains).toBe(true);
    const vectors = await pool.gradients([[batch(), batch()], batch()], options(1, 2, 3));
    expect(vectors.map(([, first]) => first)).toEqual([1, 1]);
  });

  describe('with a guard', () => {
    let told: Error[];
    let hung: Promise<Error>;
    beforeEach(() => {
      told = [];
      hung = new Promise((resolve) => {
        const onHung = (error: Error): void => {
          told.push(error);
          resolve(error);
        };
        const guard = { patienceMs: 100, onHung };
        pool = new EnginePool({ network, engine: 'graph', lanesAtOnce: 1, threadUrl: PLANNING, guard });
      });
    });

    it('tells once of an engine that hangs, and not of one that is slow to begin', async () => {
      // Each kind's first answer takes longer than the patience.
      await pool.gradients([batch()], options(0));
      await pool.evaluate([batch()]);
      await pool.gradients([batch()], options(0));
      expect(told).toEqual([]);
      const lost = pool.gradients([batch({ label: HANG })], options(0)).catch((error: unknown) => String(error));
      expect((await hung).message).toMatch(
        /^the engine thread hangs: no answer to gradients of 1 image of 1x1 for \d+\.\d s, the slowest of the last/,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(told).toHaveLength(1);
      await pool.close();
      expect(await lost).toContain('ended');
    });

    it.each([
      ['a smaller batch, the last of an epoch', batch({ numSamples: 2, side: 4 })],
      ['another side', batch({ numSamples: 3, side: 5 })],
      ['a mask', { ...batch({ numSamples: 3, side: 4 }), mixup: { mask: new Float32Array(16), side: 4, share: 1 } }],
    ])('takes %s, for which kernels are planned anew, for no hang', async (_, other) => {
      // More answers than are remembered of a shape.
      for (let count = 0; count < 40; count += 1) await pool.gradients([batch({ numSamples: 3, side: 4 })], options(0));
      await pool.evaluate([batch({ numSamples: 3, side: 4 })]);
      await pool.gradients([other], options(0));
      await pool.evaluate([batch({ numSamples: 2, side: 4 })]);
      expect(told).toEqual([]);
    });
  });

  it('rejects what is asked for when an engine cannot be built', async () => {
    pool = new EnginePool({
      network: { ...network, architecture: 'broken' },
      engine: 'graph',
      lanesAtOnce: 1,
      threadUrl: THREAD,
    });
    await expect(pool.gradients([batch()], options(0))).rejects.toThrow('no device');
    await expect(pool.ready()).rejects.toThrow('no device');
  });
});
