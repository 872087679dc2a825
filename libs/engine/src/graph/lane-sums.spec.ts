import { randomStream } from '#contracts';
import { layoutOf, type Network } from '#resnet';
import { addVectors, digestNow, roundToBfloat16 } from '#vectors';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Batch } from '#data-loading';
import { scalarsOf } from '../batch-tree.js';
import type { BatchTree } from '../engine.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { configOf, digestsOf, laneGradients, NUMBERS, randomBatch, randomState } from '../testing/fixtures.js';
import { GraphEngine } from './graph-engine.js';
import { TINY_NETWORKS } from './testing/tiny-networks.js';

// TensorFlow optimises each new graph for a while; on a busy machine that passes Jest's five seconds.
jest.setTimeout(60_000);

/** Lanes of a step in the lane tree's order. */
function halved(lanes: readonly (Batch | null)[]): BatchTree {
  const middle = Math.ceil(lanes.length / 2);
  const [first = null] = lanes;
  return lanes.length < 2 ? first : [halved(lanes.slice(0, middle)), halved(lanes.slice(middle))];
}
const bytesOf = (vector: Float32Array): Buffer => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
const isSame = (a: Float32Array, b: Float32Array): boolean => bytesOf(a).equals(bytesOf(b));

const network: Network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? {
  architecture: '',
  imageSize: 0,
  numClasses: 0,
  nodes: [],
};
const layout = layoutOf(network);

/** Batches of one lane each: of different sizes, as in the last step of an epoch. */
function batchesOf(numLanes: number, { mixes, anySize }: StepConfig): readonly Batch[] {
  const stream = randomStream(9);
  const side = network.imageSize + (anySize ? 3 : 0);
  return Array.from({ length: numLanes }, (_, lane) => {
    const batch = randomBatch({ ...network, imageSize: side }, 4 - (lane % 3), 30 + lane);
    const mask = Float32Array.from({ length: side ** 2 }, () => stream.nextFloat());
    return mixes && lane % 2 === 0 ? { ...batch, mixup: { mask, side, share: 0.7 } } : batch;
  });
}

const CONFIGS: Readonly<Record<string, StepConfig>> = {
  fp32: DEFAULT_STEP_CONFIG,
  bf16: { ...DEFAULT_STEP_CONFIG, precision: 'bf16' },
  'adamw, clipped, averaged, mixed, any size': configOf(
    { kind: 'adamw', clipNorm: 0.5 },
    { averages: true, mixes: true, anySize: true, labelSmoothing: 0.1 },
  ),
  lamb: configOf({ kind: 'lamb' }),
};

describe('lanes in one graph', () => {
  const open: GraphEngine[] = [];
  afterEach(() => {
    for (const engine of open.splice(0)) engine.close();
  });
  const make = (config: StepConfig, lanesAtOnce = 1): GraphEngine => {
    const engine = new GraphEngine(network, layout, config, { lanesAtOnce });
    open.push(engine);
    engine.writeState(randomState(layout, 1, config));
    return engine;
  };
  /** Each lane's vector by an engine of one lane, added up on the host as a parameter server does. */
  const sumOf = (engine: GraphEngine, tree: BatchTree, globalBatch: number, numRounded = 0): Float32Array => {
    if (Array.isArray(tree)) {
      const [left, right] = (tree as readonly [BatchTree, BatchTree]).map((side) =>
        sumOf(engine, side, globalBatch, numRounded),
      );
      if (!left || !right) throw new Error('a sum has two sides');
      addVectors(left, right, numRounded);
      return left;
    }
    const batch = tree as Batch | null;
    const vector = batch ? laneGradients(engine, batch, globalBatch) : new Float32Array(layout.vectorLength);
    roundToBfloat16(vector.subarray(0, numRounded));
    return vector;
  };

  it.each(Object.entries(CONFIGS))('train with the bits of a lane at a time: %s', (_, config) => {
    const one = make(config);
    const batches = batchesOf(5, config);
    for (const lanesAtOnce of config === DEFAULT_STEP_CONFIG ? [2, 5] : [5]) {
      const engine = make(config, lanesAtOnce);
      const expected = make(config);
      for (const [step, numLanes] of [5, 4].entries()) {
        const tree = halved(batches.slice(0, numLanes));
        const numbers = { learningRate: 0.1, step: step + 1, ...(config.averages && { averageDecay: 0.9 }) };
        one.writeState(expected.readState());
        const root = sumOf(one, tree, 20);
        const gradientNorm = expected.apply(root, numbers);
        const told = engine.train(tree, { globalBatch: 20, numRounded: 0 }, numbers);
        expect(told).toEqual({ ...scalarsOf(root, layout), gradientNorm, digest: digestNow(root) });
        expect(digestsOf(engine.readState())).toEqual(digestsOf(expected.readState()));
      }
    }
  });

  it('sum whatever subtrees a worker has, lanes without samples among them, rounded or not', () => {
    const one = make(DEFAULT_STEP_CONFIG);
    const [a = null, b = null, c = null, d = null, e = null] = batchesOf(5, DEFAULT_STEP_CONFIG);
    const rounds: readonly (readonly BatchTree[])[] = [
      [a, b],
      [[a, b], c],
      [a, [b, c]],
      [halved([a, b, c, d, e])],
      [halved([a, null, c, d]), e],
      [[a, [b, [c, [d, e]]]]],
      [halved([a, b, c, d, e, a, b, c, d, e, a])],
      [null, halved([a, b, c]), halved([d, e])],
    ];
    for (const lanesAtOnce of [2, 4]) {
      const engine = make(DEFAULT_STEP_CONFIG, lanesAtOnce);
      for (const numRounded of [0, layout.numTrained])
        for (const [index, trees] of rounds.entries()) {
          const vectors = engine.gradients(trees, { globalBatch: 40, numRounded });
          const same = trees.map((tree, at) =>
            isSame(vectors[at] ?? new Float32Array(), sumOf(one, tree, 40, numRounded)),
          );
          expect({ lanesAtOnce, numRounded, index, same }).toEqual({
            lanesAtOnce,
            numRounded,
            index,
            same: trees.map(() => true),
          });
        }
    }
  });

  it('refuse to round a part of the gradients, and more images than their own lanes have', () => {
    const engine = make(DEFAULT_STEP_CONFIG, 2);
    const batch = randomBatch(network, 2, 1);
    expect(() => engine.gradients([batch], { globalBatch: 2, numRounded: 3 })).toThrow(
      /rounds all \d+ gradients or none/,
    );
    expect(() => engine.gradients([[batch, { ...batch, numSamples: 3 }]], { globalBatch: 5, numRounded: 0 })).toThrow(
      /images\/1: .*labels\/1: /,
    );
  });

  it('feed images once and fetch no more than the numbers of a step', () => {
    const engine = make(DEFAULT_STEP_CONFIG, 2);
    const batches = batchesOf(4, DEFAULT_STEP_CONFIG);
    const bytes = batches.reduce((total, { images, labels }) => total + images.byteLength + labels.byteLength, 0);
    engine.takeTraffic();
    engine.train(halved(batches), { globalBatch: 20, numRounded: 0 }, NUMBERS);
    const traffic = engine.takeTraffic();
    const total = (what: 'fedBytes' | 'fetchedBytes'): number =>
      Object.values(traffic).reduce((sum, each) => sum + each[what], 0);
    expect(traffic['lanes']).toMatchObject({ runs: 2, fedBytes: bytes + 2 * 4 });
    expect(traffic['train']).toEqual({ runs: 1, fedBytes: 3 * 4, fetchedBytes: 28 });
    expect(total('fedBytes')).toBeLessThan(bytes + 100);
    expect(total('fetchedBytes')).toBeLessThan(200);
    // What is pushed is fetched once.
    engine.gradients([halved(batches)], { globalBatch: 20, numRounded: 0 });
    const pushed = engine.takeTraffic();
    expect(pushed['sum']).toEqual({ runs: 1, fedBytes: 0, fetchedBytes: 4 * layout.vectorLength });
    expect(pushed['lanes']?.fedBytes).toBe(bytes + 2 * 4);
  });

  it('evaluate as many batches at once, with the counts of one at a time', () => {
    const [one, engine] = [make(DEFAULT_STEP_CONFIG), make(DEFAULT_STEP_CONFIG, 3)];
    const batches = batchesOf(5, DEFAULT_STEP_CONFIG);
    expect(engine.evaluate(batches)).toEqual(one.evaluate(batches));
    expect(engine.takeTraffic()['evaluate']?.runs).toBe(2);
  });

  it('change nothing when the sum is not finite', () => {
    const engine = make(DEFAULT_STEP_CONFIG, 2);
    const state = randomState(layout, 1);
    state.parameters.fill(Number.NaN, 0, 1);
    engine.writeState(state);
    const batches = batchesOf(2, DEFAULT_STEP_CONFIG);
    expect(() => engine.train(halved(batches), { globalBatch: 7, numRounded: 0 }, NUMBERS)).toThrow(/not finite/);
    expect(digestsOf(engine.readState())).toEqual(digestsOf(state));
  });
});
