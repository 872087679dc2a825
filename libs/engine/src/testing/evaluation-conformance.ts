/** How every engine must judge. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { layoutOf } from '#resnet';
import type { Engine } from '../engine.js';
import { TINY_NETWORKS } from '../graph/testing/tiny-networks.js';
import {
  part,
  randomBatch,
  randomState,
  relativeError,
  SIDE_BRANCH,
  withClasses,
  type EngineUnderTest,
  laneCounts,
} from './fixtures.js';

export function evaluationConformance(name: string, { make }: EngineUnderTest): void {
  describe(`${name}: evaluation and prediction`, () => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? SIDE_BRANCH;
    const layout = layoutOf(network);
    let engine: Engine;
    beforeEach(() => {
      engine = make(network, layout);
      engine.writeState(randomState(layout, 1));
    });
    afterEach(() => engine.close());

    it('evaluates a set to the sums of its parts', () => {
      const batch = randomBatch(network, 5, 9);
      const whole = laneCounts(engine, batch);
      const parts = [part(network, batch, 0, 2), part(network, batch, 2, 5)].map((piece) => laneCounts(engine, piece));
      const sums = [0, 1, 2, 3].map((index) => parts.reduce((sum, piece) => sum + (piece[index] ?? 0), 0));
      expect(sums[0]).toBeCloseTo(whole[0], 4);
      expect(sums.slice(1)).toEqual(whole.slice(1));
    });

    it('predicts what it evaluates, each sample by itself', () => {
      const batch = randomBatch(network, 5, 10);
      const logits = engine.predict(batch);
      const { numClasses } = network;
      let [loss, correct] = [0, 0];
      for (const [sample, label] of batch.labels.entries()) {
        const row = [...logits.subarray(sample * numClasses, (sample + 1) * numClasses)];
        loss += Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0)) - (row[label] ?? 0);
        correct += Number(row.indexOf(Math.max(...row)) === label);
        const single = engine.predict(part(network, batch, sample, sample + 1));
        expect(relativeError(single, Float32Array.from(row))).toBeLessThan(1e-5);
      }
      const evaluated = laneCounts(engine, batch);
      expect(evaluated[0]).toBeCloseTo(loss, 3);
      expect(evaluated[1]).toBe(correct);
    });

    it('counts the labels among the five best, as sorting by score and then by class does', () => {
      const manyClasses = withClasses(SIDE_BRANCH, 12);
      const manyLayout = layoutOf(manyClasses);
      const side = make(manyClasses, manyLayout);
      const batch = { ...randomBatch(manyClasses, 12, 17), labels: Int32Array.from({ length: 12 }, (_, at) => at) };
      const bruteForce = (logits: Float32Array): number =>
        batch.labels.reduce((count, label, sample) => {
          const row = [...logits.subarray(sample * 12, (sample + 1) * 12)];
          const ranked = [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
          return count + Number(ranked.indexOf(label) < 5);
        }, 0);
      side.writeState(randomState(manyLayout, 18));
      expect(laneCounts(side, batch)[3]).toBe(bruteForce(side.predict(batch)));
      // All weights zero: every class ties, and the first five are the best.
      const zero = randomState(manyLayout, 18);
      zero.parameters.fill(0);
      side.writeState(zero);
      expect(laneCounts(side, batch).slice(1)).toEqual([1, 12, 5]);
      side.close();
    });
  });
}
