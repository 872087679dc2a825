/** How every engine must apply a reduced gradient. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NotFiniteError } from '#contracts';
import { layoutOf } from '#resnet';
import { digestNow } from '#vectors';
import { scalarsOf } from '../batch-tree.js';
import type { Engine } from '../engine.js';
import { TINY_NETWORKS } from '../graph/testing/tiny-networks.js';
import { DEFAULT_STEP_CONFIG } from '../step-config.js';
import { taken } from '../named.js';
import type { ReplicaState } from '../state.js';
import {
  configOf,
  digestsOf,
  NUMBERS,
  randomBatch,
  randomState,
  randomVector,
  relativeError,
  SIDE_BRANCH,
  type EngineUnderTest,
  laneCounts,
  laneGradients,
} from './fixtures.js';

export function updateConformance(name: string, { make }: EngineUnderTest): void {
  describe(`${name}: the update`, () => {
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

    it('trains in one go with the bits of gradients and apply, a lane without samples among the others', () => {
      const split = make(network, layout);
      split.writeState(randomState(layout, 1));
      for (const step of [1, 2]) {
        const lanes = [[randomBatch(network, 4, step), randomBatch(network, 2, step + 9)], null] as const;
        for (const numRounded of [0, layout.numTrained]) {
          const options = { globalBatch: 6, numRounded };
          const [root] = split.gradients([lanes], options);
          if (!root) throw new Error('the engine gave no vector');
          const told = { ...scalarsOf(root, layout), digest: digestNow(root) };
          const gradientNorm = split.apply(root, { ...NUMBERS, step });
          expect(engine.train(lanes, options, { ...NUMBERS, step })).toEqual({ ...told, gradientNorm });
          expect(told.samples).toBe(6);
        }
      }
      expect(digestsOf(engine.readState())).toEqual(digestsOf(split.readState()));
      split.close();
    });

    it('moves running statistics by a tenth towards those that rode along', () => {
      const before = randomState(layout, 7);
      engine.writeState(before);
      const reduced = randomVector(layout, 8);
      engine.apply(reduced, NUMBERS);
      const rode = statisticsOf(reduced);
      const expected = before.statistics.map((value, index) => 0.9 * value + 0.1 * (rode[index] ?? 0));
      expect(relativeError(engine.readState().statistics, expected)).toBeLessThan(2e-7);
    });

    it.each([
      { nesterov: true, decayed: ['kernels', 'gamma', 'beta', 'bias'], spared: /^$/ },
      { nesterov: true, decayed: ['kernels', 'bias'], spared: /^(gamma|beta)$/ },
      { nesterov: false, decayed: ['kernels'], spared: /^(gamma|beta|dense-bias)$/ },
      { nesterov: false, decayed: ['gamma'], spared: /^(convolution|dense-kernel|beta|dense-bias)$/ },
      { nesterov: true, decayed: [], spared: /./ },
    ] as const)('applies u = m*u + (g + decay*w) of $decayed; w -= rate*u, nesterov $nesterov', (given) => {
      const { nesterov, decayed, spared } = given;
      const [momentum, weightDecay] = [0.9, 0.01];
      const sgd = make(network, layout, configOf({ kind: 'sgd', momentum, weightDecay, nesterov, decayed }));
      const before = randomState(layout, 17);
      sgd.writeState(before);
      const reduced = randomVector(layout, 18);
      sgd.apply(reduced, NUMBERS);
      const after = sgd.readState();
      sgd.close();
      const [velocities, parameters] = [slotOf(before, 'momentum').slice(), before.parameters.slice()];
      for (const { role, offset, length } of layout.parameters) {
        const decay = spared.test(role) ? 0 : weightDecay;
        for (let index = offset; index < offset + length; index += 1) {
          const weight = parameters[index] ?? 0;
          const gradient = (reduced[index] ?? 0) + decay * weight;
          const velocity = momentum * (velocities[index] ?? 0) + gradient;
          velocities[index] = velocity;
          parameters[index] = weight - NUMBERS.learningRate * (nesterov ? gradient + momentum * velocity : velocity);
        }
      }
      expect(relativeError(slotOf(after, 'momentum'), velocities)).toBeLessThan(2e-7);
      expect(relativeError(after.parameters, parameters)).toBeLessThan(2e-7);
    });

    it('tells the norm of the gradients, and scales them down to clipNorm where it is larger', () => {
      const reduced = randomVector(layout, 19);
      const norm = Math.sqrt(reduced.slice(0, numParameters).reduce((sum, value) => sum + value ** 2, 0));
      const stepped = (clipNorm: number | undefined, scale = 1): ReplicaState => {
        const clipping = make(network, layout, configOf({ ...(clipNorm !== undefined && { clipNorm }) }));
        clipping.writeState(randomState(layout, 20));
        const vector = reduced.map((value, index) => (index < numParameters ? scale * value : value));
        expect(clipping.apply(vector, NUMBERS) / norm / scale).toBeCloseTo(1, 5);
        const state = clipping.readState();
        clipping.close();
        return state;
      };
      const [clipped, scaled] = [stepped(norm / 4), stepped(undefined, 0.25)];
      expect(relativeError(clipped.parameters, scaled.parameters)).toBeLessThan(1e-6);
      expect(relativeError(slotOf(clipped, 'momentum'), slotOf(scaled, 'momentum'))).toBeLessThan(1e-6);
      expect(clipped.statistics).toEqual(scaled.statistics);
      expect(digestsOf(stepped(2 * norm))).toEqual(digestsOf(stepped(undefined)));
    });

    it('keeps an average of weights and statistics by its config, and evaluates and predicts with it', () => {
      const averaging = make(network, layout, { ...DEFAULT_STEP_CONFIG, averages: true });
      const before = randomState(layout, 21);
      averaging.writeState(before);
      expect(averaging.readState().average).toEqual({ parameters: before.parameters, statistics: before.statistics });
      const reduced = randomVector(layout, 22);
      averaging.apply(reduced, NUMBERS);
      const updated = averaging.readState();
      expect(updated.average?.parameters).toEqual(before.parameters);
      averaging.apply(reduced.fill(0), { ...NUMBERS, averageDecay: 0.75 });
      const after = averaging.readState();
      const mean = (old: Float32Array, now: Float32Array): Float32Array<ArrayBuffer> =>
        Float32Array.from(old, (value, index) => 0.75 * value + 0.25 * (now[index] ?? 0));
      const average = {
        parameters: mean(before.parameters, after.parameters),
        statistics: mean(before.statistics, after.statistics),
      };
      expect(relativeError(after.average?.parameters ?? reduced, average.parameters)).toBeLessThan(2e-7);
      expect(relativeError(after.average?.statistics ?? reduced, average.statistics)).toBeLessThan(2e-7);
      // An engine without an average whose weights are the average says the same.
      const batch = randomBatch(network, 3, 23);
      engine.writeState({ ...average, slots: after.slots });
      expect(relativeError(averaging.predict(batch), engine.predict(batch))).toBeLessThan(1e-4);
      expect(laneCounts(averaging, batch)[0]).toBeCloseTo(laneCounts(engine, batch)[0], 2);
      // Gradients are those of the weights.
      engine.writeState(after);
      expect(relativeError(laneGradients(averaging, batch, 3), laneGradients(engine, batch, 3))).toBeLessThan(1e-5);
      averaging.writeState(before);
      averaging.writeState(after);
      expect(averaging.readState()).toEqual(after);
      averaging.close();
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('changes nothing when the vector to apply holds %d', (bad) => {
      for (const position of [0, layout.numKernelElements, numParameters, scalars.loss]) {
        const reduced = new Float32Array(layout.vectorLength);
        reduced[position] = bad;
        expect(() => engine.apply(reduced, NUMBERS)).toThrow(NotFiniteError);
      }
      expect(engine.readState()).toEqual(randomState(layout, 1));
    });
  });
}

const slotOf = ({ slots }: ReplicaState, name: string): Float32Array<ArrayBuffer> => taken(slots, name);
