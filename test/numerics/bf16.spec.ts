import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_STEP_CONFIG, firstStateOf } from '#engine';
import { slotFromSafetensors, weightsFromSafetensors, type ParameterEntry } from '#resnet';
import { GraphEngine } from '../../libs/engine/src/graph/graph-engine.js';
import { engineToTorch } from '../../libs/resnet/src/weights/kernel-transpose.js';
import { GoldenFile, readGolden, relativeError } from './golden-file.js';
import { networkWithLayout } from './hash-formula.js';
import { laneGradients } from '#engine/testing';

/**
 * How far from double precision we may be where PyTorch's autocast is one away, on the same weights and batch. 8 bits of
 * mantissa move a gradient of ResNet-20 by a quarter; measured: kernels 0.98 to 1.06, vectors of channels, whose few
 * numbers leave more to chance, 0.2 to 1.5.
 */
const OF_KERNELS = 1.1;
const OF_VECTORS = 2;
const { network, layout } = networkWithLayout({ architecture: 'resnet20', numClasses: 10 });
const { scalars, numParameters, numStatistics } = layout;
const weights = weightsFromSafetensors(network, layout, readGolden('resnet20.weights.safetensors'));
const exactGradient = slotFromSafetensors(network, layout, readGolden('resnet20.gradients.safetensors'));
const exact = new GoldenFile('resnet20.batch.safetensors');
const autocast = new GoldenFile('resnet20.autocast.safetensors');
const batch = exact.batch('images', 'labels');

describe('ResNet-20 in bf16 is as near to double precision as PyTorch in its autocast', () => {
  let engine: GraphEngine;
  let vector: Float32Array;
  let logits: Float32Array;
  beforeAll(() => {
    const config = { ...DEFAULT_STEP_CONFIG, precision: 'bf16' as const };
    engine = new GraphEngine(network, layout, config);
    engine.writeState(firstStateOf(weights, layout, config));
    logits = engine.predict(batch);
    vector = laneGradients(engine, batch, 4);
  });
  afterAll(() => engine.close());

  const torchGradient = (entry: ParameterEntry, from: Float32Array): Float32Array => {
    const torch = new Float32Array(entry.length);
    engineToTorch(entry, from.slice(entry.offset, entry.offset + entry.length), torch);
    return torch;
  };

  it('in its logits', () => {
    const [ours, theirs] = [logits, autocast.floats('evalLogits')].map((each) =>
      relativeError(each, exact.floats('evalLogits')),
    );
    expect(ours).toBeLessThan(OF_KERNELS * (theirs ?? 0));
    // It is 16 bits that compute.
    expect(ours).toBeGreaterThan(1e-3);
  });

  it('in its loss', () => {
    const ours = vector.slice(scalars.loss, scalars.loss + 1);
    expect(relativeError(ours, exact.floats('loss'))).toBeLessThan(2e-3);
    expect(relativeError(ours, autocast.floats('loss'))).toBeLessThan(2e-3);
  });

  it('in its gradient of every tensor', () => {
    const wrong = layout.parameters.flatMap((entry) => {
      const truth = torchGradient(entry, exactGradient);
      const ours = relativeError(torchGradient(entry, vector), truth);
      const theirs = relativeError(autocast.floats(`gradient.${entry.name}`), truth);
      const limit = entry.shape.length > 1 ? OF_KERNELS : OF_VECTORS;
      return ours <= limit * theirs
        ? []
        : [`${entry.name}: ${ours.toExponential(2)} against ${theirs.toExponential(2)}`];
    });
    expect(wrong).toEqual([]);
  });

  it('and keeps its batch statistics in fp32', () => {
    const after = new GoldenFile('resnet20.statistics-after.safetensors');
    const actual = vector
      .slice(numParameters, numParameters + numStatistics)
      .map((value, index) => 0.9 * (weights.statistics[index] ?? 0) + 0.1 * value);
    const expected = new Float32Array(numStatistics);
    for (const { name, offset } of layout.statistics) expected.set(after.floats(name), offset);
    expect(relativeError(actual, expected)).toBeLessThan(1e-3);
  });
});
