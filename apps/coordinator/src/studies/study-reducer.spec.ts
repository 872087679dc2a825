import { describe, expect, it } from '@jest/globals';
import { studySpecSchema, type RunState } from '#contracts';
import type { StudyRecord } from '../storage/study-record.schema.js';
import { reduceStudy, trialsToSubmit, type StudyHappening } from './study-reducer.js';

function record(changes: Partial<StudyRecord> = {}): StudyRecord {
  return {
    version: 3,
    id: 's1',
    spec: studySpecSchema.parse({ name: 's', base: {}, axes: [{ name: 'depth', values: [20, 56] }] }),
    state: 'running',
    createdAt: 1,
    finishedAt: null,
    datasets: null,
    trials: [
      { runId: null, refusal: null },
      { runId: null, refusal: null },
    ],
    idempotency: null,
    ...changes,
  };
}

const after = (from: StudyRecord, ...happenings: readonly StudyHappening[]): StudyRecord =>
  happenings.reduce(reduceStudy, from);
const submitted = (trial: number): StudyHappening => ({ at: 2, kind: 'run-submitted', trial, runId: `r${trial}` });
const observed = (states: Record<string, RunState>): StudyHappening => ({
  at: 9,
  kind: 'runs-observed',
  states: new Map(Object.entries(states)),
});

describe('reduceStudy', () => {
  it('knows what is still to be submitted', () => {
    expect(trialsToSubmit(record())).toEqual([0, 1]);
    expect(trialsToSubmit(after(record(), submitted(1)))).toEqual([0]);
    const refused = after(record(), submitted(1), { at: 2, kind: 'run-refused', trial: 0, reason: 'no data' });
    expect(trialsToSubmit(refused)).toEqual([]);
  });

  it('ends when every run is over, and a failed run stops no other', () => {
    const both = after(record(), submitted(0), submitted(1));
    expect(after(both, observed({ r0: 'failed', r1: 'running' })).state).toBe('running');
    expect(after(both, observed({ r0: 'failed', r1: 'paused' })).state).toBe('running');
    expect(after(both, observed({ r0: 'failed', r1: 'finished' }))).toMatchObject({ state: 'finished', finishedAt: 9 });
  });

  it('has failed when no run has finished, lost and refused ones included', () => {
    const refused = after(record(), submitted(1), { at: 2, kind: 'run-refused', trial: 0, reason: 'no data' });
    expect(after(refused, observed({})).state).toBe('failed');
    expect(after(refused, observed({ r1: 'cancelled' })).state).toBe('failed');
    expect(after(refused, observed({ r1: 'finished' })).state).toBe('finished');
  });

  it('does not end while a trial is not submitted', () => {
    expect(after(record(), submitted(0), observed({ r0: 'finished' })).state).toBe('running');
  });

  it('is cancelled once, keeps that, and still learns of a run that was made meanwhile', () => {
    const cancelled = after(record(), submitted(0), { at: 5, kind: 'cancel-requested' });
    expect(cancelled).toMatchObject({ state: 'cancelled', finishedAt: 5 });
    expect(trialsToSubmit(cancelled)).toEqual([]);
    expect(after(cancelled, { at: 6, kind: 'cancel-requested' })).toBe(cancelled);
    expect(after(cancelled, observed({ r0: 'finished' }))).toBe(cancelled);
    expect(after(cancelled, submitted(1)).trials[1]?.runId).toBe('r1');
  });

  it('keeps the first run of a trial', () => {
    const first = after(record(), submitted(0));
    expect(after(first, { at: 3, kind: 'run-submitted', trial: 0, runId: 'other' })).toBe(first);
    expect(after(first, { at: 3, kind: 'run-refused', trial: 0, reason: 'x' })).toBe(first);
  });
});
