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
