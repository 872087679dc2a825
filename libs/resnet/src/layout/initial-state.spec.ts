import { describe, expect, it } from '@jest/globals';
import { buildNetwork } from '../network/build-network.js';
import { initialState } from './initial-state.js';
import { layoutOf } from './vector-layout.js';

const layout = layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 10 }));

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('initialState', () => {
  const state = initialState(layout, 1);
  const tensor = (name: string): Float32Array => {
    const entry = layout.parameters.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`no ${name}`);
    return state.parameters.subarray(entry.offset, entry.offset + entry.length);
  };

  it('is a function of the seed', () => {
    expect(initialState(layout, 1)).toEqual(state);
    expect(initialState(layout, 2).parameters).not.toEqual(state.parameters);
  });

  it('draws convolutions from N(0, 2 / fan-out)', () => {
    const values = tensor('layer3.2.conv2.weight');
    const { mean, deviation } = moments(values);
    const expected = Math.sqrt(2 / (9 * 64));
    // 36,864 draws: the mean lies within 5 standard errors, the deviation within 3 %.
    expect(Math.abs(mean)).toBeLessThan((5 * expected) / Math.sqrt(values.length));
    expect(deviation / expected).toBeGreaterThan(0.97);
    expect(deviation / expected).toBeLessThan(1.03);
  });

  it('draws the head uniformly within 1 / sqrt(fan-in)', () => {
    for (const name of ['fc.weight', 'fc.bias']) {
      const largest = Math.max(...tensor(name).map(Math.abs));
      expect(largest).toBeLessThanOrEqual(1 / 8);
      expect(largest).toBeGreaterThan(0.05);
    }
  });

  it('gives no two tensors the same numbers', () => {
    expect(tensor('layer1.0.conv1.weight')).not.toEqual(tensor('layer1.0.conv2.weight'));
  });

  it('starts normalisation at the identity', () => {
    expect(tensor('bn1.weight').every((value) => value === 1)).toBe(true);
    expect(tensor('bn1.bias').every((value) => value === 0)).toBe(true);
    for (const entry of layout.statistics) {
      const values = state.statistics.subarray(entry.offset, entry.offset + entry.length);
      expect(values.every((value) => value === (entry.kind === 'variance' ? 1 : 0))).toBe(true);
    }
  });

  it('starts the last gamma of each block at zero if asked to, and changes nothing else', () => {
    const zeroed = layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 10, zeroInitResidual: true }));
    const { parameters } = initialState(zeroed, 1);
    for (const { name, offset, length } of zeroed.parameters) {
      const values = parameters.subarray(offset, offset + length);
      if (/layer\d\.\d\.bn2\.weight/.test(name)) expect(values.every((value) => value === 0)).toBe(true);
      else expect(values).toEqual(tensor(name));
    }
  });

  it('draws convolutions from N(0, 2 / fan-in) if asked to, and the head as before', () => {
    const other = layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 10, kernelInit: 'fan-in' }));
    const { parameters } = initialState(other, 1);
    for (const { name, role, shape, offset, length } of other.parameters) {
      const values = parameters.subarray(offset, offset + length);
      if (role !== 'convolution') expect(values).toEqual(tensor(name));
      // The same draws, wider where there are fewer inputs than outputs.
      const ratio = role === 'convolution' ? Math.sqrt((shape[3] ?? 0) / (shape[2] ?? 0)) : 1;
      const before = tensor(name);
      expect(values.every((value, index) => Math.abs(value - ratio * (before[index] ?? 0)) < 1e-6)).toBe(true);
    }
  });

  it.each([
    ['normal', 0.01],
    ['fan-in', Math.sqrt(2 / 64)],
  ] as const)('draws the head from a normal distribution without bias if asked to: %s', (headInit, expected) => {
    const other = layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 100, headInit }));
    const { parameters } = initialState(other, 1);
    const of = (wanted: string): Float32Array => {
      const { offset = 0, length = 0 } = other.parameters.find(({ name }) => name === wanted) ?? {};
      return parameters.subarray(offset, offset + length);
    };
    const { mean, deviation } = moments(of('fc.weight'));
    // 6,400 draws.
    expect(Math.abs(mean)).toBeLessThan((5 * expected) / 80);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.05);
    expect(Math.max(...of('fc.weight').map(Math.abs))).toBeGreaterThan(2.5 * expected);
    expect(of('fc.bias').every((value) => value === 0)).toBe(true);
    expect(of('layer3.2.conv2.weight')).toEqual(tensor('layer3.2.conv2.weight'));
  });

  it('opens gates by their bias alone at first, and draws the head as without them', () => {
    const build = (initialBias: number) => {
      const gate = { per: 'channel', initialBias } as const;
      return layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 10, gate }));
    };
    const gatedLayout = build(-3);
    const { parameters } = initialState(gatedLayout, 1);
    const gates = gatedLayout.parameters.filter(({ name }) => name.includes('.gate.'));
    expect(gates).toHaveLength(18);
    for (const { role, offset, length, shape } of gates) {
      const values = parameters.subarray(offset, offset + length);
      if (role === 'gate-bias') expect(values.every((value) => value === -3)).toBe(true);
      else expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(shape[0] ?? 0));
    }
    const bias = gatedLayout.parameters.find(({ name }) => name === 'fc.bias');
    const values = parameters.subarray(bias?.offset, (bias?.offset ?? 0) + 10);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1 / 8);
  });
});
