import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { buildNetwork, initialState, layoutOf, type NetworkOptions } from '#resnet';
import { DEFAULT_RULES } from '../training-rules.js';
import { loadBinding } from '#tensorflow-runtime';
import { frozenPartsConformance } from './conformance-frozen.js';
import { engineConformance, type EngineUnderTest, randomBatch, randomState, relativeError } from './conformance.js';
import { GraphEngine } from '../graph/graph-engine.js';
import { FROZEN_NETWORKS, TINY_NETWORKS } from '../graph/testing/tiny-networks.js';
import { PortableEngine } from '../portable/portable-engine.js';

const PORTABLE: EngineUnderTest = {
  make: (network, layout, rules) => new PortableEngine(network, layout, rules && { rules }),
  numLiveTensors: () => tf.memory().numTensors,
};
const GRAPH: EngineUnderTest = {
  make: (network, layout, rules) => new GraphEngine(network, layout, rules),
  numLiveTensors: () => loadBinding().getNumOfTensors(),
};

engineConformance('the portable engine', PORTABLE);
engineConformance('the graph engine', GRAPH);
frozenPartsConformance('the portable engine', PORTABLE);
frozenPartsConformance('the graph engine', GRAPH);

describe('the two engines', () => {
  it.each(Object.entries({ ...TINY_NETWORKS, ...FROZEN_NETWORKS }))('agree: %s', (_, network) => {
    const layout = layoutOf(network);
    const [graph, portable] = [new GraphEngine(network, layout), new PortableEngine(network, layout)];
    const batch = randomBatch(network, 3, 2);
    for (const engine of [graph, portable]) engine.writeState(randomState(layout, 1));
    const [actual, expected] = [graph.gradients(batch, 3), portable.gradients(batch, 3)];
    expect(relativeError(actual, expected)).toBeLessThan(1e-5);
    expect(relativeError(graph.predict(batch), portable.predict(batch))).toBeLessThan(1e-5);
    for (const engine of [graph, portable]) engine.close();
  });

  it.each(Object.entries(TINY_NETWORKS))('agree on images of other sides: %s', (_, network) => {
    const layout = layoutOf(network);
    const rules = { ...DEFAULT_RULES, anySize: true };
    const [graph, portable] = [new GraphEngine(network, layout, rules), new PortableEngine(network, layout, { rules })];
    for (const engine of [graph, portable]) engine.writeState(randomState(layout, 1));
    for (const side of [network.imageSize + 1, network.imageSize + 4]) {
      const batch = randomBatch({ ...network, imageSize: side }, 3, 2);
      expect(relativeError(graph.gradients(batch, 3), portable.gradients(batch, 3))).toBeLessThan(1e-5);
      expect(relativeError(graph.predict(batch), portable.predict(batch))).toBeLessThan(1e-5);
    }
    for (const engine of [graph, portable]) engine.close();
  });

  it.each([
    { architecture: 'plain20' },
    { architecture: 'resnet20', shortcut: 'C' },
    { architecture: 'resnet20', shortcutPadding: 'both' },
    { architecture: 'resnet20', skipSpan: 3, kernelInit: 'fan-in' },
    { architecture: 'resnet20', nestedShortcuts: true, shortcut: 'B' },
    { architecture: 'resnet20', gate: { per: 'element' }, shortcut: 'B' },
    { architecture: 'resnet20', gate: { per: 'channel', function: 'hard-sigmoid', initialBias: 1 } },
    { architecture: 'resnet20', gate: { per: 'layer', function: 'constant' }, nestedShortcuts: true },
    {
      architecture: 'custom',
      blocks: { kind: 'bottleneck', stem: '7x7', widths: [6, 4, 10], numBlocks: [1, 2, 1] },
      shortcut: 'B',
      variant: 'v1',
    },
  ] satisfies Omit<NetworkOptions, 'numClasses'>[])('agree on a whole network: %o', (options) => {
    const network = buildNetwork({ ...options, numClasses: 3, imageSize: 16 });
    const layout = layoutOf(network);
    const batch = randomBatch(network, 3, 2);
    const [actual, expected] = [GraphEngine, PortableEngine].map((Engine) => {
      const engine = new Engine(network, layout);
      engine.writeState(initialState(layout, 1));
      const vector = engine.gradients(batch, 3);
      engine.close();
      return vector;
    });
    if (actual === undefined || expected === undefined) throw new Error('an engine gave nothing');
    // Rounding differs, and every normalisation of three small images enlarges what differs before it.
    expect(relativeError(actual, expected)).toBeLessThan(1e-3);
  });
});
