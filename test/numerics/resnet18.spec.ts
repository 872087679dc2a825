import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParameterEntry } from '#resnet';
import { engineToTorch } from '../../libs/resnet/src/weights/kernel-transpose.js';
import type { Engine } from '../../libs/engine/src/engine.js';
import { ENGINES } from './engines.js';
import { GoldenFile, relativeError, tensorsBeyond } from './golden-file.js';
import { hashedBatch, hashedState, networkWithLayout } from './hash-formula.js';
import { laneGradients } from '#engine/testing';

/** PyTorch's own float32 is 1.3e-5 off its float64 on this batch. */
const TOLERANCE = 1e-4;
/** The seed of the batch that golden.py took. */
const SEED = 600;
const { network, layout } = networkWithLayout({ architecture: 'resnet18', numClasses: 10, imageSize: 64 });
const { numParameters, numStatistics, scalars } = layout;
const golden = new GoldenFile('resnet18.results.safetensors');
const state = hashedState(network, layout);
const batch = hashedBatch(network, 2, SEED);

const single = (value: number): Float32Array => Float32Array.of(value);
const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.each(ENGINES)('ResNet-18 by the %s against torchvision in double precision', (_, make) => {
  let engine: Engine;
  let vector: Float32Array;
  beforeAll(() => {
    engine = make(network, layout);
    engine.writeState(state);
    vector = laneGradients(engine, batch, 2);
  });
  afterAll(() => engine.close());

  const torchGradient = (entry: ParameterEntry): Float32Array => {
    const torch = new Float32Array(entry.length);
    engineToTorch(entry, vector.subarray(entry.offset, entry.offset + entry.length), torch);
    return torch;
  };

  it('predicts its logits with running statistics', () => {
    expect(relativeError(engine.predict(batch), golden.floats('evalLogits'))).toBeLessThan(TOLERANCE);
  });

  it('has its loss', () => {
    expect(relativeError(single(vector[scalars.loss] ?? Number.NaN), golden.floats('loss'))).toBeLessThan(TOLERANCE);
  });

  it('has the norm of its gradient of every tensor', () => {
    const wrong = layout.parameters.flatMap((entry) => {
      const error = relativeError(single(norm(torchGradient(entry))), golden.floats(`norm.${entry.name}`));
      return error <= TOLERANCE ? [] : [`${entry.name}: ${error.toExponential(2)}`];
    });
    expect(wrong).toEqual([]);
  });

  it('has its gradient: small tensors whole, of large ones every n-th value', () => {
    const wrong = layout.parameters.flatMap((entry) => {
      const name = golden.names().find((key) => key.replace(/^every\.\d+\./, 'every.') === `every.${entry.name}`) ?? '';
      const stride = Number(name.split('.')[1]);
      const expected = golden.floats(name);
      const actual = torchGradient(entry).filter((__, index) => index % stride === 0);
      const error = relativeError(actual, expected);
      return error <= TOLERANCE ? [] : [`${entry.name}: ${error.toExponential(2)}`];
    });
    expect(wrong).toEqual([]);
  });

  it('has its running statistics after the batch', () => {
    const actual = vector
      .slice(numParameters, numParameters + numStatistics)
      .map((value, index) => 0.9 * (state.statistics[index] ?? 0) + 0.1 * value);
    const expected = new Float32Array(numStatistics);
    for (const { name, offset } of layout.statistics) expected.set(golden.floats(`after.${name}`), offset);
    expect(tensorsBeyond(TOLERANCE, layout.statistics, { actual, expected })).toEqual([]);
  });
});
