import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { OPTIMIZERS } from '#contracts';
import { buildNetwork, initialState, layoutOf, type NetworkOptions } from '#resnet';
import { DEFAULT_STEP_CONFIG } from '../step-config.js';
import { taken } from '../named.js';
import { byName, firstStateOf } from '../state.js';
import { loadBinding } from '#tensorflow-runtime';
import { evaluationConformance } from './evaluation-conformance.js';
import {
  configOf,
  NUMBERS,
  randomBatch,
  randomState,
  randomVector,
  relativeError,
  type EngineUnderTest,
  laneGradients,
} from './fixtures.js';
import { frozenPartsConformance } from './frozen-conformance.js';
import { gradientsConformance } from './gradients-conformance.js';
import { optimizerConformance } from './optimizer-conformance.js';
import { stateConformance } from './state-conformance.js';
import { updateConformance } from './update-conformance.js';
import { GraphEngine } from '../graph/graph-engine.js';
import { FROZEN_NETWORKS, TINY_NETWORKS } from '../graph/testing/tiny-networks.js';
import { PortableEngine } from '../portable/portable-engine.js';

const PORTABLE: EngineUnderTest = {
  make: (network, layout, config) => new PortableEngine(network, layout, config && { config }),
  numLiveTensors: () => tf.memory().numTensors,
};
const GRAPH: EngineUnderTest = {
  make: (network, layout, config) => new GraphEngine(network, layout, config),
  numLiveTensors: () => loadBinding().getNumOfTensors(),
};

for (const suite of [
  gradientsConformance,
  updateConformance,
  optimizerConformance,
  evaluationConformance,
  stateConformance,
  frozenPartsConformance,
]) {
  suite('the portable engine', PORTABLE);
  suite('the graph engine', GRAPH);
}

describe('the two engines', () => {
  it.each(Object.keys(OPTIMIZERS))('step alike: %s', (kind) => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'];
    if (!network) throw new Error('no such network');
    const layout = layoutOf(network);
    for (const decayed of [[], ['kernels'], ['gamma', 'bias'], ['kernels', 'gamma', 'beta', 'bias']]) {
      const config = configOf({ kind, decayed, weightDecay: 0.1, clipNorm: 10 });
      // Of one tensor the weights are 0, of another all that makes a step is.
      const [empty, still] = layout.parameters;
      if (!empty || !still) throw new Error('the network has two tensors at least');
      const clear = (vector: Float32Array<ArrayBuffer>, { offset, length }: typeof empty) =>
        vector.fill(0, offset, offset + length);
      const [graph, portable] = [GRAPH, PORTABLE].map(({ make }) => {
        const engine = make(network, layout, config);
        const start = randomState(layout, 1, config);
        clear(start.parameters, empty);
        for (const slot of Object.values(start.slots)) clear(slot, still);
        engine.writeState(start);
        for (const step of [1, 2, 3]) engine.apply(clear(randomVector(layout, step), still), { ...NUMBERS, step });
        const state = engine.readState();
        engine.close();
        return byName(state);
      });
      if (!graph || !portable) throw new Error('two engines were made');
      for (const [name, vector] of Object.entries(graph)) {
        expect(relativeError(vector, taken(portable, name))).toBeLessThan(1e-6);
      }
    }
  });

  it.each(Object.entries({ ...TINY_NETWORKS, ...FROZEN_NETWORKS }))('agree: %s', (_, network) => {
    const layout = layoutOf(network);
    const [graph, portable] = [new GraphEngine(network, layout), new PortableEngine(network, layout)];
    const batch = randomBatch(network, 3, 2);
    for (const engine of [graph, portable]) engine.writeState(randomState(layout, 1));
    const [actual, expected] = [laneGradients(graph, batch, 3), laneGradients(portable, batch, 3)];
    expect(relativeError(actual, expected)).toBeLessThan(1e-5);
    expect(relativeError(graph.predict(batch), portable.predict(batch))).toBeLessThan(1e-5);
    for (const engine of [graph, portable]) engine.close();
  });

  it.each(Object.entries(TINY_NETWORKS))('agree on images of other sides: %s', (_, network) => {
    const layout = layoutOf(network);
    const config = { ...DEFAULT_STEP_CONFIG, anySize: true };
    const [graph, portable] = [
      new GraphEngine(network, layout, config),
      new PortableEngine(network, layout, { config }),
    ];
    for (const engine of [graph, portable]) engine.writeState(randomState(layout, 1));
    for (const side of [network.imageSize + 1, network.imageSize + 4]) {
      const batch = randomBatch({ ...network, imageSize: side }, 3, 2);
      expect(relativeError(laneGradients(graph, batch, 3), laneGradients(portable, batch, 3))).toBeLessThan(1e-5);
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
      engine.writeState(firstStateOf(initialState(layout, 1), layout, DEFAULT_STEP_CONFIG));
      const vector = laneGradients(engine, batch, 3);
      engine.close();
      return vector;
    });
    if (actual === undefined || expected === undefined) throw new Error('an engine gave nothing');
    // Rounding differs, and every normalisation of three small images enlarges what differs before it.
    expect(relativeError(actual, expected)).toBeLessThan(1e-3);
  });
});
