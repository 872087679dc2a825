import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { randomStream } from '#contracts';
import { buildNetwork, initialState, layoutOf } from '#resnet';
import { encodeReplicaGraph } from './step/replica-graph.js';
import { DATA_TYPES, decodeSignatures } from '#tensorflow-graph';
import { writeSavedModel, type Feeds } from '#tensorflow-runtime';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mapValues } from '../named.js';
import { byName, firstStateOf } from '../state.js';
import { DEFAULT_STEP_CONFIG } from '../step-config.js';
import { GraphEngine } from './graph-engine.js';

const NUM_SAMPLES = 4;
const NUM_RUNS = 3;

describe('bits of a gradient', () => {
  const network = buildNetwork({ architecture: 'resnet20', numClasses: 10, imageSize: 16 });
  const layout = layoutOf(network);
  const bytes = encodeReplicaGraph(network, layout);
  const signatures = decodeSignatures(bytes);
  const state = firstStateOf(initialState(layout, 1), layout, DEFAULT_STEP_CONFIG);
  const stream = randomStream(2);
  const batch = {
    images: Uint8Array.from({ length: NUM_SAMPLES * 16 * 16 * 3 }, () => stream.nextInt(256)),
    labels: Int32Array.from({ length: NUM_SAMPLES }, () => stream.nextInt(10)),
    numSamples: NUM_SAMPLES,
  };
  const images = Float32Array.from(batch.images, (pixel) => pixel / 64 - 2);
  let directory: string;
  let expected: Float32Array;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'skiplane-bits-'));
    writeSavedModel(directory, bytes);
    const engine = new GraphEngine(network, layout);
    engine.writeState(state);
    expected = engine.gradientsOfNormalized(images, batch.labels, NUM_SAMPLES);
    engine.close();
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** What the bare binding is to feed and fetch for a signature. */
  const call = (name: string, feeds: Feeds): unknown => {
    const signature = signatures[name];
    const inputs = Object.entries(signature?.inputs ?? {});
    return {
      feeds: inputs.map(([key, spec]) => ({ ...feeds[key], name: spec.name, dtype: DATA_TYPES[spec.dtype] })),
      fetch: Object.values(signature?.outputs ?? {})[0]?.name,
    };
  };
  const bits = (data: Float32Array) => ({ data: new Int32Array(data.buffer), shape: [data.length] });

  const threadVectors = async (): Promise<readonly Float32Array[]> => {
    const thread = new Worker(new URL('./testing/gradients-thread.mjs', import.meta.url), {
      workerData: {
        directory,
        numRuns: NUM_RUNS,
        write: call('writeState', mapValues(byName(state), bits)),
        gradients: call('gradientsOfNormalized', {
          images: { data: images, shape: [NUM_SAMPLES, 16, 16, 3] },
          labels: { data: batch.labels, shape: [NUM_SAMPLES] },
          globalBatch: { data: Float32Array.of(NUM_SAMPLES), shape: [] },
        }),
      },
    });
    const [vectors] = (await once(thread, 'message', { signal: AbortSignal.timeout(60_000) })) as [Float32Array[]];
    await thread.terminate();
    return vectors;
  };

  it('are the same in every run, and in two threads that compute at once', async () => {
    const vectors = (await Promise.all([threadVectors(), threadVectors()])).flat();
    expect(vectors).toHaveLength(2 * NUM_RUNS);
    for (const vector of vectors)
      expect(Buffer.compare(Buffer.from(vector.buffer), Buffer.from(expected.buffer))).toBe(0);
  }, 90_000);
});
