import { describe, expect, it } from '@jest/globals';
import type { ParticipantTimes, WorkerTimes } from '#contracts';
import { INITIAL_STRAGGLER_STATE, reduceStragglers, stragglerReport } from './straggler-reducer.js';

/** A worker that takes 100 ms a lane, 10 ms to update and 20 ms on the line, but for the changes. */
function participant(
  workerId: string,
  changes: Partial<ParticipantTimes> & { readonly lineMs?: number } = {},
): ParticipantTimes {
  const { lineMs = 20, ...given } = changes;
  const times = { workerId, lanes: 1, engines: 1, dataMs: 1, computeMs: 100, updateMs: 10, ...given };
  return { ...times, arrivedMs: times.dataMs + times.computeMs + times.updateMs + lineMs };
}

/** The report after these steps, from step 1 on. */
function after(steps: readonly (readonly ParticipantTimes[])[]): Map<string, WorkerTimes> {
  const state = steps.reduce(
    (held, participants, index) => reduceStragglers(held, index + 1, participants),
    INITIAL_STRAGGLER_STATE,
  );
  return new Map(stragglerReport(state).map((times) => [times.workerId, times]));
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const others = [participant('a'), participant('b')];
const evenly = [...others, participant('c')];

describe('who is slow', () => {
  it('is named within five steps, with the phase and what it takes the others', () => {
    const slow = [...others, participant('c', { computeMs: 310 })];
    expect(after([...times(7, evenly), ...times(2, slow)]).get('c')?.slowness).toBeNull();
    const named = after([...times(7, evenly), ...times(3, slow)]);
    expect(named.get('c')?.slowness).toEqual({ phase: 'compute', ms: 320, othersMs: 110, sinceStep: 8 });
    expect([named.get('a')?.slowness, named.get('b')?.slowness]).toEqual([null, null]);
  });

  it('is told apart by phase: data and the line count as well', () => {
    const phaseOf = (changes: Parameters<typeof participant>[1]): string | undefined =>
      after(times(3, [...others, participant('c', changes)])).get('c')?.slowness?.phase;
    expect(phaseOf({ dataMs: 400 })).toBe('data');
    expect(phaseOf({ lineMs: 400 })).toBe('exchange');
    expect(phaseOf({ updateMs: 400 })).toBe('compute');
  });

  it('is nobody who only has more lanes, or fewer engines at work', () => {
    const uneven = [participant('a', { lanes: 3, computeMs: 300 }), participant('b')];
    const manyEngines = [participant('a', { lanes: 4, engines: 4 }), participant('b', { lanes: 2, computeMs: 200 })];
    for (const steps of [times(9, uneven), times(9, manyEngines)])
      expect([...after(steps).values()].flatMap(({ slowness }) => slowness ?? [])).toEqual([]);
  });

  it('is nobody after one or two slow steps, as a first step is, nor where all are slow', () => {
    const first = [...others, participant('c', { computeMs: 90_000 })];
    expect(after([first, ...times(3, evenly), first]).get('c')?.slowness).toBeNull();
    const all = ['a', 'b', 'c'].map((workerId) => participant(workerId, { computeMs: 900 }));
    expect([...after(times(9, all)).values()].every(({ slowness }) => slowness === null)).toBe(true);
  });

  it('is nobody alone, and one of two where one is slower than the other', () => {
    expect(after(times(9, [participant('a', { computeMs: 900 })])).get('a')?.slowness).toBeNull();
    const two = after(times(3, [participant('a', { computeMs: 300 }), participant('b')]));
    expect([two.get('a')?.slowness?.phase, two.get('b')?.slowness]).toEqual(['compute', null]);
  });

  it('keeps up again after some steps that are as fast as the others, not after one', () => {
    const slow = [...others, participant('c', { computeMs: 310 })];
    const almost = [...others, participant('c', { computeMs: 160 })];
    expect(after([...times(5, slow), ...times(2, evenly)]).get('c')?.slowness).not.toBeNull();
    expect(after([...times(5, slow), ...times(9, almost)]).get('c')?.slowness).not.toBeNull();
    expect(after([...times(5, slow), ...times(3, evenly)]).get('c')?.slowness).toBeNull();
  });

  it('says how fast turns were, and forgets who takes no part any more', () => {
    const steps = [90, 100, 140].map((computeMs) => [
      participant('a', { lanes: 2, computeMs: 2 * computeMs }),
      participant('b'),
    ]);
    expect(after(steps).get('a')).toMatchObject({
      lanes: 2,
      steps: 3,
      turnMs: { least: 90.5, median: 100.5, most: 140.5 },
      restMs: 30,
    });
    expect([...after([...steps, [participant('b')]]).keys()]).toEqual(['b']);
  });

  it('learns nothing from a round that nobody saw begin', () => {
    const unseen = [participant('a'), { ...participant('b', { computeMs: 900 }), arrivedMs: null }];
    expect(after(times(9, unseen)).get('a')?.slowness).toBeNull();
    expect(after(times(9, unseen)).has('b')).toBe(false);
  });
});
