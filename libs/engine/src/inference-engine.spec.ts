import { describe, expect, it } from '@jest/globals';
import { buildNetwork, layoutOf, type Network } from '#resnet';
import { randomBatch, randomState, relativeError } from './testing/fixtures.js';
import { GraphEngine } from './graph/graph-engine.js';
import { GraphInferenceEngine } from './graph/graph-inference-engine.js';
import { TINY_NETWORKS } from './graph/testing/tiny-networks.js';
import type { PixelBatch } from './inference-engine.js';
import { PortableInferenceEngine } from './portable/portable-inference-engine.js';

const SHAPES = [
  [9, 14],
  [16, 11],
] as const;

function pixelBatch(network: Network, height: number, width: number): PixelBatch {
  const numImages = 2;
  const { images } = randomBatch({ ...network, imageSize: 16 }, numImages, 3);
  return { numImages, height, width, pixels: images.slice(0, numImages * height * width * 3) };
}

/** Relative errors between the two engines' logits, batch by batch. */
function differences(network: Network, batches: readonly PixelBatch[]): readonly number[] {
  const layout = layoutOf(network);
  const graph = new GraphInferenceEngine(network, layout);
  const portable = new PortableInferenceEngine(network, layout);
  for (const engine of [graph, portable]) engine.writeWeights(randomState(layout, 1));
  const found = batches.map((batch) => relativeError(graph.logits(batch), portable.logits(batch)));
  for (const engine of [graph, portable]) engine.close();
  return found;
}

describe('the two inference engines', () => {
  it.each(Object.entries(TINY_NETWORKS))('agree on images of any size: %s', (_, network) => {
    const batches = SHAPES.map(([height, width]) => pixelBatch(network, height, width));
    for (const difference of differences(network, batches)) expect(difference).toBeLessThan(1e-5);
  });

  it('agree on a whole ImageNet network and an image that is not square', () => {
    const network = buildNetwork({ architecture: 'resnet18', numClasses: 3, imageSize: 32 });
    const { images } = randomBatch({ ...network, imageSize: 48 }, 1, 4);
    const batch = { numImages: 1, height: 37, width: 58, pixels: images.slice(0, 37 * 58 * 3) };
    expect(differences(network, [batch])[0]).toBeLessThan(1e-4);
  });
});

describe('the graph inference engine', () => {
  it("predicts what the replica's engine does on images of the network's size", () => {
    const network = buildNetwork({ architecture: 'resnet20', numClasses: 10 });
    const layout = layoutOf(network);
    const state = randomState(layout, 1);
    const batch = randomBatch(network, 3, 2);
    const [replica, inference] = [new GraphEngine(network, layout), new GraphInferenceEngine(network, layout)];
    replica.writeState(state);
    inference.writeWeights(state);
    const logits = inference.logits({ numImages: 3, height: 32, width: 32, pixels: batch.images });
    expect(relativeError(logits, replica.predict(batch))).toBeLessThan(1e-5);
    replica.close();
    inference.close();
  });

  it('refuses pixels that are not the shape they claim', () => {
    const network = buildNetwork({ architecture: 'resnet20', numClasses: 10 });
    const engine = new GraphInferenceEngine(network, layoutOf(network));
    expect(() => engine.logits({ numImages: 1, height: 8, width: 8, pixels: new Uint8Array(8) })).toThrow('192');
    engine.close();
  });
});
