import { afterEach, describe, expect, it } from '@jest/globals';
import { buildNetwork } from '#resnet';
import type { Batch } from './engine.js';
import { EnginePool } from './engine-pool.js';

/** A thread that is slow to start and answers every request with its own thread id. */
const THREAD = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId, workerData } from 'node:worker_threads';
    if (workerData.network.architecture === 'broken') throw new Error('no device');
    await new Promise((resolve) => setTimeout(resolve, 20));
    parentPort.on('message', ({ id, request }) =>
      parentPort.postMessage({ id, ok: true, value: Float32Array.of(threadId, request.kind.length), elapsedMs: 0 }));
    parentPort.postMessage('ready');
  `)}`,
);

/** Answers three times, slowly the first time a kind is asked for, and then blocks as a native call would. */
const HANGING = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const seen = new Set();
    let count = 0;
    parentPort.on('message', ({ id, request }) => {
      count += 1;
      const elapsedMs = seen.has(request.kind) ? 1 : 250;
      seen.add(request.kind);
      Atomics.wait(cell, 0, 0, count > 3 ? Infinity : elapsedMs);
      parentPort.postMessage({ id, ok: true, value: Float32Array.of(1), elapsedMs });
    });
    parentPort.postMessage('ready');
  `)}`,
);
const network = buildNetwork({ architecture: 'resnet20', numClasses: 10 });
const batch = (): Batch => ({ images: new Uint8Array(3), labels: new Int32Array(1), numSamples: 1 });

let pool: EnginePool;
afterEach(() => pool.close());

describe('an engine pool', () => {
  it('gives lanes that are asked for at once to different engines', async () => {
    pool = new EnginePool({ network, engine: 'graph', numEngines: 3, threadUrl: THREAD });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => pool.gradients(batch(), 6)));
    const threads = answers.map(({ vector }) => vector[0]);
    expect(new Set(threads).size).toBe(3);
    for (const thread of threads) expect(threads.filter((other) => other === thread)).toHaveLength(2);
  });

  it('tells once of an engine that hangs after its first answers, and not of one that is slow to begin', async () => {
    let told: (error: Error) => void = () => undefined;
    const hung = new Promise<Error>((resolve) => (told = resolve));
    let numTold = 0;
    const onHung = (error: Error): void => {
      numTold += 1;
      told(error);
    };
    const guard = { patienceMs: 100, onHung };
    pool = new EnginePool({ network, engine: 'graph', numEngines: 1, threadUrl: HANGING, guard });
    // Each kind's first answer takes longer than the patience.
    await pool.gradients(batch(), 1);
    await pool.evaluate(batch());
    await pool.gradients(batch(), 1);
    expect(numTold).toBe(0);
    const lost = pool.gradients(batch(), 1).catch((error: unknown) => String(error));
    const error = await hung;
    expect(error.message).toMatch(
      /^the engine thread hangs: no answer to gradients for \d+\.\d s, the slowest of the last/,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(numTold).toBe(1);
    await pool.close();
    expect(await lost).toContain('ended');
  });

  it('rejects what is asked for when an engine cannot be built', async () => {
    pool = new EnginePool({
      network: { ...network, architecture: 'broken' },
      engine: 'graph',
      numEngines: 1,
      threadUrl: THREAD,
    });
    await expect(pool.gradients(batch(), 1)).rejects.toThrow('no device');
    await expect(pool.ready()).rejects.toThrow('no device');
  });
});
