import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from '@jest/globals';
import { buildNetwork, classifierHead, classWeights, layoutOf, type Network } from '#resnet';
import { randomBatch, randomState, relativeError } from '#engine/testing';
import { GraphInferenceEngine } from '#engine/testing';
import { PortableInferenceEngine } from '#engine/testing';
import { runOn } from '#engine/testing';
import { forward } from '#engine/testing';
import { asTensor4D } from '#engine/testing';
import { tensorLookup } from '#engine/testing';
import { enlarged, gradCam } from './grad-cam.js';

const network = buildNetwork({ architecture: 'resnet20', numClasses: 7 });
const layout = layoutOf(network);
const state = randomState(layout, 1);
const { images } = randomBatch(network, 1, 2);
const batch = { numImages: 1, height: 32, width: 32, pixels: images };
const OF_CLASS = 4;

/** What comes after the features, as a network of its own. */
function tail(): Network {
  const { features } = classifierHead(network);
  const shape = network.nodes[features]?.shape ?? [0, 0, 0];
  const nodes = network.nodes.slice(features + 1).map((node, at) => ({ ...node, inputs: [at] }));
  return { ...network, nodes: [{ kind: 'input', inputs: [], shape }, ...nodes] };
}

/** The score's gradient with respect to every feature, by automatic differentiation of what comes after. */
function gradients(features: Float32Array, shape: readonly number[]): Float32Array {
  const score = (x: tf.Tensor): tf.Scalar => {
    const options = { network: tail(), backend: 'cpu', tensors: tensorLookup(layout, state) } as const;
    const logits = forward(asTensor4D(x), { ...options, mode: { kind: 'running' } });
    return tf.sum(tf.slice(logits, [0, OF_CLASS], [1, 1]));
  };
  return runOn('cpu', () =>
    Float32Array.from(
      tf
        .grad(score)(tf.tensor(features, [...shape]))
        .dataSync<'float32'>(),
    ),
  );
}

/** Equations 1 and 2 of the paper by the letter: average every map's gradient, weigh the maps, ReLU; largest 1. */
function byTheBook(features: Float32Array, shape: readonly number[]): Float32Array {
  const [, height = 0, width = 0, channels = 0] = shape;
  const ofFeatures = gradients(features, shape);
  const positions = height * width;
  const heat = new Float32Array(positions);
  for (let channel = 0; channel < channels; channel += 1) {
    let alpha = 0;
    for (let at = 0; at < positions; at += 1) alpha += (ofFeatures[at * channels + channel] ?? 0) / positions;
    for (let at = 0; at < positions; at += 1) {
      heat[at] = (heat[at] ?? 0) + alpha * (features[at * channels + channel] ?? 0);
    }
  }
  const positive = heat.map((value) => Math.max(0, value));
  const largest = Math.max(...positive);
  return positive.map((value) => value / largest);
}

describe('gradCam', () => {
  it.each([
    ['graph', () => new GraphInferenceEngine(network, layout)],
    ['portable', () => new PortableInferenceEngine(network, layout)],
  ])('is the map of the averaged gradients that automatic differentiation finds: %s engine', (_, make) => {
    const engine = make();
    engine.writeWeights(state);
    const explained = engine.explain(batch);
    expect(explained.shape).toEqual([1, 8, 8, 64]);
    expect(relativeError(explained.logits, engine.logits(batch))).toBeLessThan(1e-6);
    const heat = gradCam(explained, classWeights(network, layout, state, OF_CLASS));
    const expected = byTheBook(explained.features, explained.shape);
    expect(relativeError(heat.values, expected)).toBeLessThan(1e-4);
    expect(heat).toMatchObject({ width: 8, height: 8 });
    expect(Math.max(...heat.values)).toBe(1);
    // Another class is seen elsewhere.
    const other = gradCam(explained, classWeights(network, layout, state, 0));
    expect(relativeError(other.values, expected)).toBeGreaterThan(0.1);
    engine.close();
  });

  it('moves the score as its weights say: a step of a feature against the score', () => {
    const engine = new PortableInferenceEngine(network, layout);
    engine.writeWeights(state);
    const { features, shape, logits } = engine.explain(batch);
    const weights = classWeights(network, layout, state, OF_CLASS);
    const [, height, width, channels] = shape;
    const moved = features.slice();
    const channel = 5;
    // One position of one map, by so much that rounding does not show: the score moves by weight / (H*W) of it.
    const by = 1e6;
    moved[(2 * width + 3) * channels + channel] = (moved[(2 * width + 3) * channels + channel] ?? 0) + by;
    const after = runOn('cpu', () => {
      const options = { network: tail(), backend: 'cpu', tensors: tensorLookup(layout, state) } as const;
      const x = asTensor4D(tf.tensor(moved, [...shape]));
      return Float32Array.from(forward(x, { ...options, mode: { kind: 'running' } }).dataSync<'float32'>());
    });
    const slope = ((after[OF_CLASS] ?? 0) - (logits[OF_CLASS] ?? 0)) / by;
    expect(slope / ((weights[channel] ?? 0) / (height * width))).toBeCloseTo(1, 3);
    engine.close();
  });

  it('is all zero where nothing speaks for the class', () => {
    const heat = gradCam({ features: Float32Array.of(1, 2, 3, 4), shape: [1, 2, 2, 1] }, Float32Array.of(-1));
    expect([...heat.values]).toEqual([0, 0, 0, 0]);
  });
});

describe('enlarged', () => {
  it('is linear between the centres of positions and constant beyond', () => {
    const { values } = enlarged({ width: 2, height: 1, values: Float32Array.of(0, 1) }, 4);
    expect([...values.subarray(0, 4)]).toEqual([0, 0.25, 0.75, 1]);
    expect([...values.subarray(12)]).toEqual([0, 0.25, 0.75, 1]);
  });
});
