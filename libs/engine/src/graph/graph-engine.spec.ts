import { NotFiniteError, randomStream } from '#contracts';
import { layoutOf, type Network, type VectorLayout } from '#resnet';
import { loadBinding } from '#tensorflow-runtime';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { taken } from '../named.js';
import type { ReplicaState } from '../state.js';
import {
  NUMBERS,
  randomBatch as batchOf,
  randomState as stateOf,
  laneCounts,
  laneGradients,
} from '../testing/fixtures.js';
import type { Batch } from '#data-loading';
import { GraphEngine } from './graph-engine.js';
import { referenceLoss } from './testing/reference-forward.js';
import { FROZEN_NETWORKS, TINY_NETWORKS } from './testing/tiny-networks.js';

// TensorFlow optimises each new graph for a while; on a busy machine that passes Jest's five seconds.
jest.setTimeout(60_000);

const randomState = (layout: VectorLayout): ReplicaState => stateOf(layout, 7);
const randomBatch = (network: Network, numSamples: number, seed = 1): Batch => batchOf(network, numSamples, seed);

describe('GraphEngine', () => {
  const open: GraphEngine[] = [];
  const make = (network: Network): GraphEngine => {
    const engine = new GraphEngine(network, layoutOf(network));
    open.push(engine);
    return engine;
  };
  afterEach(() => {
    for (const engine of open.splice(0)) engine.close();
  });
  const tiny = (name = 'zero-pad shortcut by 2'): Network => {
    const network = { ...TINY_NETWORKS, ...FROZEN_NETWORKS }[name];
    if (network === undefined) throw new Error(`no tiny network ${name}`);
    return network;
  };

  it.each(Object.keys({ ...TINY_NETWORKS, ...FROZEN_NETWORKS }))(
    'has the gradients of finite differences: %s',
    (name) => {
      const network = tiny(name);
      const layout = layoutOf(network);
      const engine = make(network);
      const state = randomState(layout);
      engine.writeState(state);
      const stream = randomStream(3);
      const images = Float32Array.from({ length: 2 * network.imageSize ** 2 * 3 }, () => stream.nextNormal());
      const labels = Int32Array.of(0, 2);
      const vector = engine.gradientsOfNormalized(images, labels, 2);

      const lossAt = (index: number, change: number): number => {
        const moved = Float64Array.from(state.parameters);
        moved[index] = (moved[index] ?? 0) + change;
        return referenceLoss(network, layout, moved, { images, labels, statistics: state.statistics });
      };
      expect(vector[layout.scalars.loss]).toBeCloseTo(lossAt(0, 0), 5);
      // The first element, the last and one between of every tensor.
      for (const { name: parameter, offset, length, isFrozen } of layout.parameters) {
        if (isFrozen) continue;
        for (const index of new Set([0, length >> 1, length - 1].map((at) => offset + at))) {
          const expected = (lossAt(index, 1e-6) - lossAt(index, -1e-6)) / 2e-6;
          expect({ parameter, index, error: Math.abs((vector[index] ?? Number.NaN) - expected) < 2e-5 }).toEqual({
            parameter,
            index,
            error: true,
          });
        }
      }
    },
  );

  it('gives unbiased batch statistics, weighted by the share of the global batch, and counts', () => {
    const network = tiny('convolution 3x3');
    const layout = layoutOf(network);
    const engine = make(network);
    engine.writeState(randomState(layout));
    const batch = randomBatch(network, 4);
    const alone = laneGradients(engine, batch, 4);
    const share = laneGradients(engine, batch, 16);
    const statistics = (vector: Float32Array) =>
      vector.subarray(layout.numParameters, layout.numParameters + layout.numStatistics);
    statistics(alone).forEach((value, index) => expect(statistics(share)[index]).toBeCloseTo(value / 4, 5));
    expect(share[layout.scalars.loss]).toBeCloseTo((alone[layout.scalars.loss] ?? 0) / 4, 5);
    expect(alone[layout.scalars.samples]).toBe(4);
    expect(share[layout.scalars.samples]).toBe(4);
    expect(alone[layout.scalars.reserved]).toBe(0);

    // The variance of a batch is Bessel's: after one update of a fresh state PyTorch's running_var is 0.9 + 0.1 of it.
    const fresh = { ...randomState(layout), statistics: new Float32Array(layout.numStatistics) };
    engine.writeState(fresh);
    engine.apply(alone, NUMBERS);
    engine
      .readState()
      .statistics.forEach((value, index) => expect(value).toBeCloseTo(0.1 * (statistics(alone)[index] ?? 0), 5));
  });

  it('reads back the bits that were written, and keeps none of the memory', () => {
    const network = tiny();
    const layout = layoutOf(network);
    const engine = make(network);
    const state = randomState(layout);
    engine.writeState(state);
    const expected = randomState(layout);
    state.parameters.fill(9);
    taken(state.slots, 'momentum').fill(9);
    state.statistics.fill(9);
    expect(engine.readState()).toEqual(expected);
    const read = engine.readState();
    engine.train(randomBatch(network, 2), { globalBatch: 2, numRounded: 0 }, NUMBERS);
    expect(read).toEqual(expected);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('changes nothing when the vector holds %d', (bad) => {
    const network = tiny();
    const layout = layoutOf(network);
    const engine = make(network);
    engine.writeState(randomState(layout));
    for (const position of [0, layout.numKernelElements, layout.numParameters, layout.scalars.loss]) {
      const reduced = new Float32Array(layout.vectorLength);
      reduced[position] = bad;
      const refused = expect(() => engine.apply(reduced, NUMBERS));
      refused.toThrow(NotFiniteError);
      refused.toThrow(/loss or gradient is not finite/);
      expect(engine.readState()).toEqual(randomState(layout));
    }
  });

  it('evaluates and predicts with running statistics', () => {
    const network = tiny();
    const layout = layoutOf(network);
    const engine = make(network);
    engine.writeState(randomState(layout));
    const batch = randomBatch(network, 5);
    const logits = engine.predict(batch);
    let [loss, correct] = [0, 0];
    batch.labels.forEach((label, sample) => {
      const row = [...logits.subarray(3 * sample, 3 * sample + 3)];
      loss += Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0)) - (row[label] ?? 0);
      correct += row.indexOf(Math.max(...row)) === label ? 1 : 0;
    });
    const [lossSum, numCorrect, samples] = laneCounts(engine, batch);
    expect(lossSum).toBeCloseTo(loss, 3);
    expect([numCorrect, samples]).toEqual([correct, 5]);
    // A sample's prediction does not depend on its neighbours.
    const { images, labels } = batch;
    const first = { images: images.slice(0, network.imageSize ** 2 * 3), labels: labels.slice(0, 1), numSamples: 1 };
    engine.predict(first).forEach((logit, index) => expect(logit).toBeCloseTo(logits[index] ?? Number.NaN, 4));
  });

  it('refuses batches that do not fit the network, before anything runs', () => {
    const engine = make(tiny());
    const batch = { images: new Uint8Array(10), labels: new Int32Array(3), numSamples: 2 };
    expect(() => laneGradients(engine, batch, 2)).toThrow(
      /images\/0: shape \[2, 8, 8, 3\] needs 384 elements, got 10; labels\/0: /,
    );
  });

  it('leaves no tensor behind over 200 runs', () => {
    const network = tiny('add, identity');
    const engine = make(network);
    engine.writeState(randomState(layoutOf(network)));
    const batch = randomBatch(network, 2);
    const before = loadBinding().getNumOfTensors();
    for (let run = 0; run < 100; run += 1)
      engine.apply(laneGradients(engine, batch, 2), { ...NUMBERS, learningRate: 0 });
    expect(loadBinding().getNumOfTensors()).toBe(before);
  });
});
