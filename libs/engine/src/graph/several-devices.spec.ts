import { layoutOf } from '#resnet';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { BatchTree } from '../engine.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { configOf, digestsOf, randomBatch, randomState, randomVector } from '../testing/fixtures.js';
import { GraphEngine } from './graph-engine.js';
import { TINY_NETWORKS } from './testing/tiny-networks.js';

jest.setTimeout(60_000);

const network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? { architecture: '', imageSize: 0, numClasses: 0, nodes: [] };
const layout = layoutOf(network);

/** Devices are a matter of names: one that is named three times holds three replicas. */
const DEVICES = ['/device:CPU:0', '/device:CPU:0', '/device:CPU:0'];

const CONFIGS: Readonly<Record<string, StepConfig>> = {
  fp32: DEFAULT_STEP_CONFIG,
  'adamw, bf16, averaged': configOf({ kind: 'adamw' }, { averages: true, precision: 'bf16' }),
  'lamb, clipped': configOf({ kind: 'lamb', clipNorm: 0.5 }),
};

describe('several devices', () => {
  const open: GraphEngine[] = [];
  afterEach(() => {
    for (const engine of open.splice(0)) engine.close();
  });
  const make = (config: StepConfig, lanesAtOnce: number, devices: readonly string[] = []): GraphEngine => {
    const engine = new GraphEngine(network, layout, config, { lanesAtOnce, devices });
    open.push(engine);
    engine.writeState(randomState(layout, 1, config));
    return engine;
  };
  const [a, b, c, d, e] = [0, 1, 2, 3, 4].map((lane) => randomBatch(network, 2 + (lane % 2), lane));
  if (!a || !b || !c || !d || !e) throw new Error('five lanes are driven');
  const tree: BatchTree = [
    [[a, b], c],
    [d, e],
  ];

  it.each(Object.entries(CONFIGS))('train, push and apply with the bits of one: %s', (_, config) => {
    const one = make(config, 4);
    const several = make(config, 4, DEVICES);
    for (const step of [1, 2]) {
      const numbers = { learningRate: 0.1, step, ...(config.averages && { averageDecay: 0.9 }) };
      const sums = { globalBatch: 12, numRounded: config === DEFAULT_STEP_CONFIG ? layout.numTrained : 0 };
      // In the second step every device computes with what it has made of the first.
      expect(several.train(tree, sums, numbers)).toEqual(one.train(tree, sums, numbers));
    }
    const sums = { globalBatch: 12, numRounded: 0 };
    const numbers = { learningRate: 0.1, step: 3 };
    const pushed = several.gradients([[d, null], tree], sums);
    for (const [index, vector] of one.gradients([[d, null], tree], sums).entries())
      expect(Buffer.compare(Buffer.from(vector.buffer), Buffer.from(pushed[index]?.buffer ?? new ArrayBuffer()))).toBe(
        0,
      );
    const reduced = randomVector(layout, 1);
    expect(several.apply(reduced, numbers)).toBe(one.apply(reduced, numbers));
    expect(several.evaluate([a, b, c, d])).toEqual(one.evaluate([a, b, c, d]));
    expect(digestsOf(several.readState())).toEqual(digestsOf(one.readState()));
  });

  it('change nothing on any of them when the sum is not finite', () => {
    const engine = make(DEFAULT_STEP_CONFIG, 3, DEVICES);
    const before = digestsOf(engine.readState());
    const vector = randomVector(layout, 1).fill(Number.POSITIVE_INFINITY, 0, 1);
    expect(() => engine.apply(vector, { learningRate: 0.1, step: 1 })).toThrow(/not finite/);
    expect(digestsOf(engine.readState())).toEqual(before);
    // Each device tells of its own weights.
    expect(engine.evaluate([a, b, c])).toEqual(make(DEFAULT_STEP_CONFIG, 3).evaluate([a, b, c]));
  });

  it('are no more than there are lanes at once', () => {
    const sums = { globalBatch: 12, numRounded: 0 };
    const numbers = { learningRate: 0.1, step: 1 };
    const told = make(DEFAULT_STEP_CONFIG, 2, DEVICES).train(tree, sums, numbers);
    expect(told).toEqual(make(DEFAULT_STEP_CONFIG, 1, DEVICES).train(tree, sums, numbers));
  });

  it('that are not there are refused when the graph is loaded', () => {
    expect(() => make(DEFAULT_STEP_CONFIG, 2, ['/device:CPU:0', '/device:GPU:7'])).toThrow(/GPU:7/);
  });
});
