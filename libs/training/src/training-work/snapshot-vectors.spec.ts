import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { INITIAL_SCHEDULE_STATE } from '../schedule/schedule-state.js';
import { snapshotFromVectors, snapshotToVectors } from './snapshot-vectors.js';
import type { TrainingSnapshot } from './training-ports.js';

const vector = (...values: readonly number[]): Float32Array<ArrayBuffer> => Float32Array.from(values);
const evaluation = { epoch: 0, step: 3, loss: 0.1, accuracy: 1 / 3, samples: 3, at: 1 };
const snapshot: TrainingSnapshot = {
  round: 4,
  state: { parameters: vector(1, 2), momentum: vector(3), statistics: vector() },
  schedule: { ...INITIAL_SCHEDULE_STATE, round: 4 },
  commits: { steps: [], evaluations: [evaluation] },
};

describe('the state of a run on its way to another worker', () => {
  it('arrives as it was, with an average of weights where there is one', () => {
    expect(snapshotFromVectors(snapshotToVectors(snapshot))).toEqual(snapshot);
    const average = { parameters: vector(5, 6), statistics: vector() };
    const averaging = { ...snapshot, state: { ...snapshot.state, average } };
    expect(snapshotFromVectors(snapshotToVectors(averaging))).toEqual(averaging);
  });

  it('is refused where it is something else', () => {
    const { round, buffers } = snapshotToVectors(snapshot);
    const [parameters = vector(), momentum = vector(), statistics = vector()] = buffers;
    expect(() => snapshotFromVectors({ round, buffers: [parameters] })).toThrow('1 came');
    const wrong = [parameters, momentum, statistics, vector(0, 0), vector(0)];
    expect(() => snapshotFromVectors({ round, buffers: wrong })).toThrow(RefusedInputError);
  });
});
