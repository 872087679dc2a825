/** What every engine must do with every optimiser of the table. Whether the numbers are right is test/numerics' to say. */
import { describe, expect, it } from '@jest/globals';
import { NotFiniteError, OPTIMIZERS } from '#contracts';
import { layoutOf } from '#resnet';
import { FROZEN_NETWORKS, TINY_NETWORKS } from '../graph/testing/tiny-networks.js';
import type { ReplicaState } from '../state.js';
import {
  configOf,
  digestsOf,
  NUMBERS,
  randomState,
  randomVector,
  SIDE_BRANCH,
  type EngineUnderTest,
} from './fixtures.js';

export function optimizerConformance(name: string, { make, numLiveTensors }: EngineUnderTest): void {
  describe.each(Object.entries(OPTIMIZERS))(`${name} with the optimiser %s`, (kind, { slots }) => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? SIDE_BRANCH;
    const layout = layoutOf(network);
    const config = configOf({ kind, decayed: ['kernels', 'bias'], clipNorm: 5 });
    const state = randomState(layout, 1, config);

    /** Some steps from the state. */
    function stepped(from: ReplicaState, firstStep: number, lastStep: number): ReplicaState {
      const engine = make(network, layout, config);
      engine.writeState(from);
      const numTensors = numLiveTensors();
      for (let step = firstStep; step <= lastStep; step += 1) {
        engine.apply(randomVector(layout, 10 + step), { ...NUMBERS, step });
      }
      expect(numLiveTensors()).toBe(numTensors);
      const reached = engine.readState();
      engine.close();
      return reached;
    }

    it('keeps its slots by name, with the bits that were written', () => {
      const engine = make(network, layout, config);
      engine.writeState(state);
      expect(Object.keys(engine.readState().slots)).toEqual(slots);
      expect(digestsOf(engine.readState())).toEqual(digestsOf(state));
      engine.close();
    });

    it('goes on from a state to the same bits, and changes weights and every slot', () => {
      const there = stepped(state, 1, 3);
      expect(digestsOf(stepped(stepped(state, 1, 2), 3, 3))).toEqual(digestsOf(there));
      const [before, after] = [digestsOf(state), digestsOf(there)];
      expect(after.filter((digest) => before.includes(digest))).toEqual([]);
      for (const vector of [there.parameters, ...Object.values(there.slots)]) {
        expect(vector.every((value) => Number.isFinite(value))).toBe(true);
      }
    });

    it('changes nothing when the vector to apply is not finite', () => {
      const engine = make(network, layout, config);
      engine.writeState(state);
      const vector = randomVector(layout, 5);
      vector[3] = Number.NaN;
      expect(() => engine.apply(vector, NUMBERS)).toThrow(NotFiniteError);
      expect(digestsOf(engine.readState())).toEqual(digestsOf(state));
      engine.close();
    });

    it('refuses a state without its slots, and one with others', () => {
      const engine = make(network, layout, config);
      const foreign = new Float32Array(layout.numTrained);
      expect(() => engine.writeState({ ...state, slots: {} })).toThrow(
        `${layout.numTrained} elements expected, 0 came`,
      );
      expect(() => engine.writeState({ ...state, slots: { ...state.slots, foreign } })).toThrow('slots/foreign');
      engine.close();
    });

    it('leaves alone what is frozen', () => {
      const frozen = FROZEN_NETWORKS['all but the head'] ?? network;
      const its = layoutOf(frozen);
      const engine = make(frozen, its, config);
      const before = randomState(its, 2, config);
      engine.writeState(before);
      engine.apply(randomVector(its, 6), NUMBERS);
      const after = engine.readState();
      engine.close();
      expect(after.parameters.subarray(its.numTrained)).toEqual(before.parameters.subarray(its.numTrained));
      expect(after.parameters.subarray(0, its.numTrained)).not.toEqual(before.parameters.subarray(0, its.numTrained));
      expect(Object.values(after.slots).map(({ length }) => length)).toEqual(slots.map(() => its.numTrained));
    });
  });
}
