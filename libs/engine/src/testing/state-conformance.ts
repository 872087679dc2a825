/** How every engine must keep its state. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { layoutOf } from '#resnet';
import type { Engine } from '../engine.js';
import { TINY_NETWORKS } from '../graph/testing/tiny-networks.js';
import {
  NUMBERS,
  randomBatch,
  randomState,
  SIDE_BRANCH,
  type EngineUnderTest,
  laneCounts,
  laneGradients,
} from './fixtures.js';

export function stateConformance(name: string, { make, numLiveTensors }: EngineUnderTest): void {
  describe(`${name}: the state`, () => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? SIDE_BRANCH;
    const layout = layoutOf(network);
    let engine: Engine;
    beforeEach(() => {
      engine = make(network, layout);
      engine.writeState(randomState(layout, 1));
    });
    afterEach(() => engine.close());

    it('leaves the state alone in everything but apply and writeState', () => {
      const batch = randomBatch(network, 3, 11);
      laneGradients(engine, batch, 3);
      laneCounts(engine, batch);
      engine.predict(batch);
      expect(engine.readState()).toEqual(randomState(layout, 1));
    });

    it('reads back the bits that were written and keeps none of the memory', () => {
      const written = randomState(layout, 12);
      // The smallest denormal and minus zero survive.
      written.parameters.set([1.4e-45, -0], 0);
      const expected = { ...written, parameters: written.parameters.slice(), statistics: written.statistics.slice() };
      engine.writeState(written);
      written.parameters.fill(9);
      written.statistics.fill(9);
      const read = engine.readState();
      expect(read).toEqual({ ...expected, slots: read.slots });
      read.parameters.fill(9);
      expect(engine.readState().parameters).toEqual(expected.parameters);
    });

    it('refuses what does not fit before it changes anything', () => {
      const batch = randomBatch(network, 2, 13);
      const wrongLabel = { ...batch, labels: Int32Array.of(0, network.numClasses) };
      const wrongImages = { ...batch, images: batch.images.slice(1) };
      const wrongCount = { ...batch, numSamples: 3 };
      for (const wrong of [wrongLabel, wrongImages, wrongCount]) {
        expect(() => laneGradients(engine, wrong, 2)).toThrow();
        expect(() => laneCounts(engine, wrong)).toThrow();
      }
      expect(() => engine.predict(wrongImages)).toThrow();
      expect(() => engine.apply(new Float32Array(layout.vectorLength - 1), NUMBERS)).toThrow();
      const state = randomState(layout, 14);
      expect(() => engine.writeState({ ...state, statistics: state.statistics.slice(1) })).toThrow();
      expect(engine.readState()).toEqual(randomState(layout, 1));
    });

    it('leaves no tensor behind over 200 steps', () => {
      const sideLayout = layoutOf(SIDE_BRANCH);
      const side = make(SIDE_BRANCH, sideLayout);
      side.writeState(randomState(sideLayout, 15));
      const batch = randomBatch(SIDE_BRANCH, 1, 16);
      const step = (): void => {
        side.apply(laneGradients(side, batch, 1), { ...NUMBERS, learningRate: 1e-4 });
      };
      step();
      const before = numLiveTensors();
      for (let count = 0; count < 200; count += 1) {
        step();
        if (count % 20 === 0) expect([laneCounts(side, batch)[2], side.predict(batch).length]).toEqual([1, 3]);
      }
      expect(numLiveTensors()).toBe(before);
      side.close();
    });
  });
}
