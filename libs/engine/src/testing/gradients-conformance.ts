/** What every engine must give as the gradient vector of a lane. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Batch } from '#data-loading';
import { layoutOf } from '#resnet';
import type { Engine } from '../engine.js';
import { TINY_NETWORKS } from '../graph/testing/tiny-networks.js';
import { DEFAULT_STEP_CONFIG } from '../step-config.js';
import {
  part,
  randomBatch,
  randomState,
  relativeError,
  SIDE_BRANCH,
  type EngineUnderTest,
  laneCounts,
  laneGradients,
} from './fixtures.js';

export function gradientsConformance(name: string, { make }: EngineUnderTest): void {
  describe(`${name}: gradients`, () => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? SIDE_BRANCH;
    const layout = layoutOf(network);
    const { scalars, numParameters, numStatistics } = layout;
    const statisticsOf = (vector: Float32Array): Float32Array =>
      vector.subarray(numParameters, numParameters + numStatistics);
    let engine: Engine;
    beforeEach(() => {
      engine = make(network, layout);
      engine.writeState(randomState(layout, 1));
    });
    afterEach(() => engine.close());

    it('divides gradients, loss and statistics by the global batch, and counts samples', () => {
      const batch = randomBatch(network, 4, 2);
      const alone = laneGradients(engine, batch, 4);
      const share = laneGradients(engine, batch, 16);
      expect(alone).toHaveLength(layout.vectorLength);
      const scaled = share.slice(0, scalars.correct).map((value) => 4 * value);
      expect(relativeError(scaled, alone.slice(0, scalars.correct))).toBeLessThan(1e-6);
      for (const vector of [alone, share]) expect(vector[scalars.samples]).toBe(4);
      expect(share[scalars.correct]).toBe(alone[scalars.correct]);
      expect(alone[scalars.reserved]).toBe(0);
    });

    it('adds up over lanes to the gradient of the whole batch, but for what batch normalisation does', () => {
      const sideLayout = layoutOf(SIDE_BRANCH);
      const gamma = sideLayout.parameters.find((entry) => entry.role === 'gamma');
      const side = make(SIDE_BRANCH, sideLayout);
      const state = randomState(sideLayout, 3);
      const range = [gamma?.offset ?? 0, (gamma?.offset ?? 0) + (gamma?.length ?? 0)] as const;
      side.writeState({ ...state, parameters: state.parameters.fill(0, ...range) });
      const gradients = (batch: Batch): Float32Array => {
        const vector = laneGradients(side, batch, 5).fill(0, ...range);
        for (const { kind, offset, length } of sideLayout.statistics) {
          const begin = sideLayout.numParameters + offset;
          if (kind === 'variance') vector.fill(0, begin, begin + length);
        }
        return vector;
      };
      const batch = randomBatch(SIDE_BRANCH, 5, 4);
      const whole = gradients(batch);
      const lanes = [part(SIDE_BRANCH, batch, 0, 2), part(SIDE_BRANCH, batch, 2, 5)].map(gradients);
      const sum = whole.map((_, index) => lanes.reduce((total, lane) => total + (lane[index] ?? 0), 0));
      expect(relativeError(sum, whole)).toBeLessThan(1e-6);
      side.close();
    });

    it('gives the same bits for the same state and batch, in memory of their own', () => {
      const batch = randomBatch(network, 3, 5);
      const first = laneGradients(engine, batch, 3);
      const kept = first.slice();
      const second = laneGradients(engine, batch, 3);
      expect(second).toEqual(first);
      second.fill(7);
      expect(first).toEqual(kept);
      expect(laneGradients(engine, batch, 3)).toEqual(kept);
    });

    it('takes batches of any size, one after the other', () => {
      for (const numSamples of [1, 3, 8, 2, 1]) {
        const batch = randomBatch(network, numSamples, numSamples);
        const vector = laneGradients(engine, batch, numSamples);
        expect(vector.every((value) => Number.isFinite(value))).toBe(true);
        expect(vector[scalars.samples]).toBe(numSamples);
        expect(laneCounts(engine, batch)[2]).toBe(numSamples);
        expect(engine.predict(batch)).toHaveLength(numSamples * network.numClasses);
      }
    });

    it('reports the unbiased variance of the batch', () => {
      // A single image is its own twin: with every sample doubled the biased variance stays, Bessel's factor shrinks.
      const one = randomBatch(network, 1, 6);
      const two = { images: new Uint8Array([...one.images, ...one.images]), labels: new Int32Array(2), numSamples: 2 };
      const [single, twin] = [laneGradients(engine, one, 1), laneGradients(engine, two, 2)].map(statisticsOf);
      for (const entry of layout.statistics) {
        const node = network.nodes.find(
          (candidate) => 'name' in candidate && entry.name.startsWith(`${candidate.name}.`),
        );
        const numValues = (node?.shape[0] ?? 0) * (node?.shape[1] ?? 0);
        const bessel = (count: number): number => count / (count - 1);
        const expected = entry.kind === 'mean' ? 1 : bessel(2 * numValues) / bessel(numValues);
        for (let index = entry.offset; index < entry.offset + entry.length; index += 1) {
          expect((twin?.[index] ?? 0) / (single?.[index] ?? 0)).toBeCloseTo(expected, 4);
        }
      }
    });

    it('takes the loss of mixed samples as the mean of two, of smoothed labels as the share of all', () => {
      const mixup = { ...DEFAULT_STEP_CONFIG, labelSmoothing: 0.2, mixes: true };
      const [hard, soft] = [DEFAULT_STEP_CONFIG, mixup].map((each) => {
        const made = make(SIDE_BRANCH, layoutOf(SIDE_BRANCH), each);
        made.writeState(randomState(layoutOf(SIDE_BRANCH), 19));
        return made;
      });
      if (!hard || !soft) throw new Error('two engines were made');
      const batch = randomBatch(SIDE_BRANCH, 3, 20);
      const { loss } = layoutOf(SIDE_BRANCH).scalars;
      const lossOf = (labels: readonly number[]): number =>
        laneGradients(hard, { ...batch, labels: Int32Array.from(labels) }, 3)[loss] ?? Number.NaN;
      const [a = 0, b = 0, c = 0] = batch.labels;
      const everyClass = (lossOf([0, 0, 0]) + lossOf([1, 1, 1]) + lossOf([2, 2, 2])) / 3;
      const whole = { mask: new Float32Array(36).fill(1), side: 6 };
      for (const share of [1, 0.3, 0]) {
        const mixed = share * lossOf([a, b, c]) + (1 - share) * lossOf([c, a, b]);
        const actual = laneGradients(soft, { ...batch, mixup: { ...whole, share } }, 3)[loss];
        expect(actual).toBeCloseTo(0.8 * mixed + 0.2 * everyClass, 4);
      }
      // With no share of themselves in any pixel, all samples have changed places.
      const rowBytes = batch.images.length / 3;
      const moved = Uint8Array.from([...batch.images.slice(2 * rowBytes), ...batch.images.slice(0, 2 * rowBytes)]);
      const gone = { mask: Float32Array.of(0), side: 1, share: 0 };
      const swapped = { ...batch, images: moved, labels: Int32Array.of(c, a, b) };
      expect(
        relativeError(laneGradients(soft, { ...batch, mixup: gone }, 3), laneGradients(soft, swapped, 3)),
      ).toBeLessThan(1e-5);
      expect(() => laneGradients(hard, { ...batch, mixup: gone }, 3)).toThrow(/does not mix/);
      for (const made of [hard, soft]) made.close();
    });

    it('takes images of any side where the config says so: of its own as an engine of that side does, and of others', () => {
      const sized = make(network, layout, { ...DEFAULT_STEP_CONFIG, anySize: true });
      sized.writeState(randomState(layout, 1));
      const own = randomBatch(network, 3, 24);
      expect(relativeError(laneGradients(sized, own, 3), laneGradients(engine, own, 3))).toBeLessThan(1e-5);
      expect(relativeError(sized.predict(own), engine.predict(own))).toBeLessThan(1e-5);
      const { imageSize } = network;
      for (const side of [imageSize + 3, imageSize - 2]) {
        const other = randomBatch({ ...network, imageSize: side }, 3, 25);
        const alone = laneGradients(sized, other, 3);
        expect(alone[scalars.samples]).toBe(3);
        expect(laneCounts(sized, other)[2]).toBe(3);
        expect(() => laneGradients(engine, other, 3)).toThrow();
        // Not a square of pixels.
        expect(() => laneGradients(sized, { ...other, images: other.images.slice(3) }, 3)).toThrow();
        // What came in between leaves no trace.
        laneGradients(sized, own, 3);
        expect(laneGradients(sized, other, 3)).toEqual(alone);
      }
      sized.close();
    });
  });
}
