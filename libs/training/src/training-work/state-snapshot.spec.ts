import { describe, expect, it } from '@jest/globals';
import { INITIAL_VALIDATION_STATE, RefusedInputError } from '#contracts';
import { INITIAL_SCHEDULE_STATE } from '../schedule/schedule-state.js';
import type { TrainingSnapshot } from './training-ports.js';
import { fromStateSnapshot, toStateSnapshot } from './state-snapshot.js';

const SNAPSHOT: TrainingSnapshot = {
  round: 7,
  state: {
    parameters: Float32Array.of(1, 2),
    statistics: Float32Array.of(3),
    slots: { first: Float32Array.of(4, 5), second: Float32Array.of(6, 7) },
    average: { parameters: Float32Array.of(8, 9), statistics: Float32Array.of(10) },
  },
  schedule: { ...INITIAL_SCHEDULE_STATE, round: 7 },
  validation: { ...INITIAL_VALIDATION_STATE, round: 7, best: { step: 5, figure: 'accuracy', value: 1 / 3 } },
  commits: { steps: [], evaluations: [{ epoch: 0, step: 5, loss: 1 / 3, accuracy: 0.5, samples: 4, at: 1 }] },
};

describe('the state that travels to a newcomer', () => {
  it('is what was given, whatever the order of its vectors, and with JSON in between', () => {
    const { vectors, memory, round } = toStateSnapshot(SNAPSHOT);
    const reversed = Object.fromEntries(Object.entries(vectors).toReversed());
    const carried: unknown = JSON.parse(JSON.stringify(memory));
    expect(fromStateSnapshot({ round, vectors: reversed, memory: carried })).toEqual(SNAPSHOT);
    expect(Object.keys(vectors)).toContain('slots/second');
  });

  it('has no average and no commits where there are none', () => {
    const { average: _, ...state } = SNAPSHOT.state;
    const { round, schedule, validation } = SNAPSHOT;
    const read = fromStateSnapshot(toStateSnapshot({ round, schedule, validation, state }));
    expect(read).toEqual({ round, schedule, validation, state, commits: { steps: [], evaluations: [] } });
  });

  it('is refused where it is something else', () => {
    const { vectors, memory, round } = toStateSnapshot(SNAPSHOT);
    expect(() => fromStateSnapshot({ round, vectors, memory: { schedule: 1 } })).toThrow(RefusedInputError);
    const { parameters: _, ...others } = vectors;
    expect(() => fromStateSnapshot({ round, vectors: others, memory })).toThrow('a state without parameters came');
  });
});
