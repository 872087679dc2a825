/** What every engine must do with a network of which parts are frozen. */
import { describe, expect, it } from '@jest/globals';
import { buildNetwork, freezeParts, layoutOf, type Network, type VectorLayout } from '#resnet';
import { DEFAULT_STEP_CONFIG } from '../step-config.js';
import {
  digestsOf,
  part,
  randomBatch,
  randomState,
  relativeError,
  type EngineUnderTest,
  laneCounts,
  laneGradients,
} from './fixtures.js';
import type { ReplicaState } from '../state.js';
import { FROZEN_NETWORKS } from '../graph/testing/tiny-networks.js';

const NUMBERS = { learningRate: 0.01, step: 1 };

/** The tensors of a state by name. */
function tensors(layout: VectorLayout, state: ReplicaState): Record<string, Float32Array> {
  const cut = (vector: Float32Array, { offset, length }: { offset: number; length: number }): Float32Array =>
    vector.slice(offset, offset + length);
  return Object.fromEntries([
    ...layout.parameters.map((entry) => [entry.name, cut(state.parameters, entry)]),
    ...layout.statistics.map((entry) => [entry.name, cut(state.statistics, entry)]),
  ]);
}

export function frozenPartsConformance(name: string, { make, numLiveTensors }: EngineUnderTest): void {
  describe(`${name} with frozen parts`, () => {
    it.each(Object.entries(FROZEN_NETWORKS))(
      'trains the rest and keeps the bits of what is frozen: %s',
      (_, network) => {
        const layout = layoutOf(network);
        const engine = make(network, layout);
        const before = randomState(layout, 1);
        engine.writeState(before);
        const numTensors = numLiveTensors();
        for (let step = 0; step < 3; step += 1) {
          const vector = laneGradients(engine, randomBatch(network, 3, step), 3);
          expect(vector).toHaveLength(layout.vectorLength);
          expect(vector[layout.scalars.samples]).toBe(3);
          engine.apply(vector, NUMBERS);
        }
        expect(numLiveTensors()).toBe(numTensors);
        const [old, trained] = [tensors(layout, before), tensors(layout, engine.readState())];
        for (const { name: tensor, isFrozen } of [...layout.parameters, ...layout.statistics]) {
          const isSame = JSON.stringify(old[tensor]) === JSON.stringify(trained[tensor]);
          expect({ tensor, isSame }).toEqual({ tensor, isSame: isFrozen });
        }
        expect(engine.readState().slots['momentum']).toHaveLength(layout.numTrained);
        engine.close();
      },
    );

    it('keeps the bits of what is frozen in the average too', () => {
      const { network, layout } = allButTheHead();
      const engine = make(network, layout, { ...DEFAULT_STEP_CONFIG, averages: true });
      const before = randomState(layout, 1);
      engine.writeState(before);
      engine.apply(laneGradients(engine, randomBatch(network, 3, 1), 3), { ...NUMBERS, averageDecay: 0.7 });
      const { average } = engine.readState();
      if (average === undefined) throw new Error('no average is kept');
      const [old, averaged] = [tensors(layout, before), tensors(layout, { ...before, ...average })];
      for (const { name: tensor, isFrozen } of [...layout.parameters, ...layout.statistics]) {
        const isSame = JSON.stringify(old[tensor]) === JSON.stringify(averaged[tensor]);
        expect({ tensor, isSame }).toEqual({ tensor, isSame: isFrozen });
      }
      engine.close();
    });

    it('reads back the bits that were written', () => {
      const network = freezeParts(buildNetwork({ architecture: 'resnet20', numClasses: 3, imageSize: 16 }), ['layer2']);
      const layout = layoutOf(network);
      const engine = make(network, layout);
      engine.writeState(randomState(layout, 2));
      expect(digestsOf(engine.readState())).toEqual(digestsOf(randomState(layout, 2)));
      engine.close();
    });

    it('uses running statistics where it is frozen: lanes add up to the whole batch, and the loss is that of evaluation', () => {
      const { network, layout } = allButTheHead();
      const engine = make(network, layout);
      engine.writeState(randomState(layout, 3));
      const batch = randomBatch(network, 5, 4);
      const whole = laneGradients(engine, batch, 5);
      const lanes = [part(network, batch, 0, 2), part(network, batch, 2, 5)].map((lane) =>
        laneGradients(engine, lane, 5),
      );
      const sum = whole.map((_, index) => lanes.reduce((total, lane) => total + (lane[index] ?? 0), 0));
      expect(relativeError(sum, whole)).toBeLessThan(1e-6);
      expect((whole[layout.scalars.loss] ?? 0) * 5).toBeCloseTo(laneCounts(engine, batch)[0], 4);
      engine.close();
    });

    it('refuses a slot over what is frozen', () => {
      const { network, layout } = allButTheHead();
      const engine = make(network, layout);
      const state = randomState(layout, 5);
      expect(() =>
        engine.writeState({ ...state, slots: { momentum: new Float32Array(layout.numParameters) } }),
      ).toThrow();
      engine.close();
    });
  });
}

function allButTheHead(): { network: Network; layout: VectorLayout } {
  const network = FROZEN_NETWORKS['all but the head'];
  if (network === undefined) throw new Error('no such network');
  return { network, layout: layoutOf(network) };
}
