import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { layoutOf } from '#resnet';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { makeEngine } from '../make-engine.js';
import { makeInferenceEngine } from '../make-inference-engine.js';
import { byName } from '../state.js';
import { NUMBERS, randomBatch, randomState, relativeError, laneCounts, laneGradients } from '../testing/fixtures.js';
import { GraphEngine } from './graph-engine.js';
import { GraphInferenceEngine } from './graph-inference-engine.js';
import { FROZEN_NETWORKS, TINY_NETWORKS } from './testing/tiny-networks.js';

const BF16: StepConfig = { ...DEFAULT_STEP_CONFIG, precision: 'bf16' };
/** Numbers of 16 bits have 8 bits of mantissa; what a few layers make of that. */
const ROUGH = 0.1;
const NETWORKS = Object.entries({ ...TINY_NETWORKS, ...FROZEN_NETWORKS });

describe('the graph engine in bf16', () => {
  it.each(NETWORKS)('computes what it computes in fp32, more roughly: %s', (_, network) => {
    const layout = layoutOf(network);
    const batch = randomBatch(network, 4, 2);
    const [fp32, bf16] = [DEFAULT_STEP_CONFIG, BF16].map((config) => {
      const engine = new GraphEngine(network, layout, config);
      engine.writeState(randomState(layout, 1));
      const results = {
        vector: laneGradients(engine, batch, 4),
        again: laneGradients(engine, batch, 4),
        logits: engine.predict(batch),
      };
      engine.close();
      return results;
    });
    if (!fp32 || !bf16) throw new Error('two engines were made');
    expect(bf16.again).toEqual(bf16.vector);
    const error = relativeError(bf16.logits, fp32.logits);
    expect(error).toBeLessThan(ROUGH);
    expect(error).toBeGreaterThan(0);
    const { loss, samples } = layout.scalars;
    const statisticsAndLoss = [bf16, fp32].map(({ vector }) => vector.slice(layout.numTrained, loss + 1));
    expect(relativeError(...(statisticsAndLoss as [Float32Array, Float32Array]))).toBeLessThan(ROUGH);
    expect(bf16.vector[samples]).toBe(4);
  });

  it('keeps weights and slots in fp32, takes those of fp32, and updates them with the same bits', () => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'];
    if (!network) throw new Error('no such network');
    const layout = layoutOf(network);
    const states = [DEFAULT_STEP_CONFIG, BF16].map((config) => {
      const engine = new GraphEngine(network, layout, config);
      engine.writeState(randomState(layout, 1));
      engine.apply(gradientOf(layout.vectorLength), NUMBERS);
      const state = byName(engine.readState());
      engine.close();
      return state;
    });
    expect(states[1]).toEqual(states[0]);
  });

  it('evaluates, explains and trains on images of any size', () => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'];
    if (!network) throw new Error('no such network');
    const layout = layoutOf(network);
    const engine = new GraphEngine(network, layout, {
      ...BF16,
      anySize: true,
      averages: true,
      mixes: true,
      labelSmoothing: 0.1,
    });
    engine.writeState(randomState(layout, 1));
    const batch = randomBatch(network, 4, 2);
    const { loss, samples } = engine.train(batch, { globalBatch: 4, numRounded: 0 }, { ...NUMBERS, averageDecay: 0.9 });
    expect([Number.isFinite(loss), samples]).toEqual([true, 4]);
    expect(laneCounts(engine, batch)[2]).toBe(4);
    engine.close();
    const inference = new GraphInferenceEngine(network, layout, 'bf16');
    const { parameters, statistics } = randomState(layout, 1);
    inference.writeWeights({ parameters, statistics });
    const side = network.imageSize + 3;
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * 37) % 256);
    const { logits, features } = inference.explain({ pixels, numImages: 1, height: side, width: side });
    expect([logits, features].every((values) => values.length > 0 && values.every(Number.isFinite))).toBe(true);
    inference.close();
  });

  it('is refused by the portable engine, in words', async () => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'];
    if (!network) throw new Error('no such network');
    const { parameters, statistics } = randomState(layoutOf(network), 1);
    const weights = { parameters, statistics };
    for (const made of [
      makeEngine('portable', network, BF16),
      makeInferenceEngine({ network, engine: 'portable', precision: 'bf16', weights }),
    ]) {
      await expect(made).rejects.toThrow(RefusedInputError);
      await expect(made).rejects.toThrow(/precision bf16 needs the graph engine/);
    }
  });
});

const gradientOf = (length: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, index) => Math.sin(index) / 10);
