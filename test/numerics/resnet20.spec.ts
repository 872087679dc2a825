import { DEFAULT_STEP_CONFIG, firstStateOf } from '#engine';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { slotFromSafetensors, weightsFromSafetensors, weightsToSafetensors } from '#resnet';
import type { Engine } from '../../libs/engine/src/engine.js';
import { ENGINES } from './engines.js';
import { GoldenFile, readGolden, relativeError, tensorsBeyond } from './golden-file.js';
import { networkWithLayout } from './hash-formula.js';
import { laneGradients } from '#engine/testing';

/** PyTorch's own float32 is 2e-6 off its float64 on this batch. */
const TOLERANCE = 1e-5;
const { network, layout } = networkWithLayout({ architecture: 'resnet20', numClasses: 10 });
const { numParameters, numStatistics, scalars } = layout;
const weights = weightsFromSafetensors(network, layout, readGolden('resnet20.weights.safetensors'));
const golden = new GoldenFile('resnet20.batch.safetensors');
const batch = golden.batch('images', 'labels');
const secondBatch = golden.batch('images2', 'labels2');

describe('weights written by PyTorch', () => {
  it('are written back with the same tensors', () => {
    const written = weightsToSafetensors(network, layout, weights, weights.numBatchesTracked);
    const again = weightsFromSafetensors(network, layout, written);
    expect(relativeError(again.parameters, weights.parameters)).toBe(0);
    expect(relativeError(again.statistics, weights.statistics)).toBe(0);
  });
});

describe.each(ENGINES)('ResNet-20 by the %s against PyTorch in double precision', (_, make) => {
  let engine: Engine;
  let first: Float32Array;
  let second: Float32Array;
  const logits: Float32Array[] = [];
  beforeAll(() => {
    engine = make(network, layout);
    engine.writeState(firstStateOf(weights, layout, DEFAULT_STEP_CONFIG));
    logits.push(engine.predict(batch));
    first = laneGradients(engine, batch, 4);
    engine.apply(first, { learningRate: 0.1, step: 1 });
    second = laneGradients(engine, secondBatch, secondBatch.numSamples);
    engine.apply(second, { learningRate: 0.1, step: 2 });
  });
  afterAll(() => engine.close());

  it('predicts its logits with running statistics', () => {
    expect(relativeError(logits[0] ?? new Float32Array(), golden.floats('evalLogits'))).toBeLessThan(TOLERANCE);
  });

  it('has its loss', () => {
    expect(relativeError(first.slice(scalars.loss, scalars.loss + 1), golden.floats('loss'))).toBeLessThan(TOLERANCE);
    expect(relativeError(second.slice(scalars.loss, scalars.loss + 1), golden.floats('loss2'))).toBeLessThan(TOLERANCE);
  });

  it('has its gradient of every tensor', () => {
    const expected = slotFromSafetensors(network, layout, readGolden('resnet20.gradients.safetensors'));
    expect(tensorsBeyond(TOLERANCE, layout.parameters, { actual: first, expected })).toEqual([]);
  });

  it('has its batch statistics', () => {
    const after = new GoldenFile('resnet20.statistics-after.safetensors');
    const actual = first
      .slice(numParameters, numParameters + numStatistics)
      .map((value, index) => 0.9 * (weights.statistics[index] ?? 0) + 0.1 * value);
    const expected = new Float32Array(numStatistics);
    for (const { name, offset } of layout.statistics) expected.set(after.floats(name), offset);
    expect(tensorsBeyond(TOLERANCE, layout.statistics, { actual, expected })).toEqual([]);
  });

  it('arrives where two steps of its SGD arrive', () => {
    const state = engine.readState();
    const after = weightsFromSafetensors(network, layout, readGolden('resnet20.two-steps.weights.safetensors'));
    const momentum = slotFromSafetensors(network, layout, readGolden('resnet20.two-steps.momentum.safetensors'));
    const actual = state.slots['momentum'] ?? new Float32Array();
    expect(after.numBatchesTracked).toBe(2);
    const { parameters, statistics } = layout;
    expect(tensorsBeyond(TOLERANCE, parameters, { actual: state.parameters, expected: after.parameters })).toEqual([]);
    expect(tensorsBeyond(TOLERANCE, statistics, { actual: state.statistics, expected: after.statistics })).toEqual([]);
    expect(tensorsBeyond(TOLERANCE, parameters, { actual, expected: momentum })).toEqual([]);
  });
});
