import { describe, expect, it } from '@jest/globals';
import { RUN_STATES, TERMINAL_STATES, type Checkpoint } from '#contracts';
import type { RunRecord } from '../storage/run-record.schema.js';
import { evaluationRecord, runRecord } from '../testing/run-record.js';
import type { RunHappening } from './run-events.js';
import { reduceRun } from './run-reducer.js';

const at = 1_000;
const started: RunHappening = {
  kind: 'incarnation-started',
  at,
  start: { round: 0, checkpoint: null },
  workers: ['a', 'b'],
  fingerprint: 'f',
  why: 'first',
};
const checkpoint = (step: number, weightsSha256 = `sha-${step}`): Checkpoint => ({
  step,
  round: step,
  directory: `/c/${step}`,
  weightsSha256,
  sizeBytes: 1,
  at,
});
const after = (record: RunRecord, ...happenings: RunHappening[]): RunRecord =>
  happenings.reduce((current, happening) => reduceRun(current, happening).record, record);
const finished = { kind: 'finished', at, step: 6, weightsSha256: 'sha', stopped: null } as const;

describe('reduceRun', () => {
  it('finishes an evaluation with its result, once, and no run that trains', () => {
    const result = { samples: 4, loss: 1, accuracy: 0.5, classes: [], confusion: [] };
    const evaluated: RunHappening = { kind: 'evaluated', at, result };
    const record = after(evaluationRecord(2), started, evaluated);
    expect(record).toMatchObject({ state: 'finished', assigned: [], evaluation: { result } });
    expect(reduceRun(record, { ...evaluated, at: at + 1 })).toEqual({ record, journal: [] });
    const training = after(runRecord(), started);
    expect(reduceRun(training, evaluated).record).toBe(training);
  });

  it('starts a pending run cold on all its workers and fixes its fingerprint', () => {
    const record = after(runRecord({ reason: 'waits' }), started);
    expect(record).toMatchObject({ state: 'running', reason: null, incarnation: 1, fingerprint: 'f', startedAt: at });
    expect(record.assigned).toEqual([
      { workerId: 'a', coldStart: true },
      { workerId: 'b', coldStart: true },
    ]);
  });

  it('lets newcomers, and everybody once a step is committed, ask a live worker for the state', () => {
    const joined = after(runRecord(), started, { kind: 'workers-changed', at, joined: ['c'], left: ['a'] });
    expect(joined.assigned).toEqual([
      { workerId: 'b', coldStart: true },
      { workerId: 'c', coldStart: false },
    ]);
    expect(after(joined, { kind: 'progressed', at }).assigned.some(({ coldStart }) => coldStart)).toBe(false);
  });

  it('marks the first step that other devices may have part in, and keeps the earliest mark', () => {
    const mixed = (step: number): RunHappening => ({
      kind: 'devices-mixed',
      at,
      step,
      fingerprint: 'f',
      others: [{ workerId: 'c', fingerprint: 'g' }],
    });
    const { record, journal } = reduceRun(after(runRecord(), started), mixed(3));
    expect(record.mixedFromStep).toBe(3);
    expect(journal).toEqual([
      {
        at,
        level: 'warning',
        topic: 'fingerprint',
        message: 'worker c computes with fingerprint g, the run with f: from step 3 on the bits are no longer promised',
      },
    ]);
    expect([after(record, mixed(5)), after(record, mixed(2))].map(({ mixedFromStep }) => mixedFromStep)).toEqual([
      3, 2,
    ]);
  });

  it('marks the first step that GPUs may have computed with fast bits, once', () => {
    const fast = (step: number): RunHappening => ({ kind: 'fast-bits', at, step, workers: ['a'] });
    const { record, journal } = reduceRun(after(runRecord(), started), fast(4));
    expect(record.fastFromStep).toBe(4);
    const message = 'worker a computes on a GPU with fast bits: from step 4 on the same bits are not promised';
    expect(journal).toEqual([{ at, level: 'warning', topic: 'fingerprint', message }]);
    expect(reduceRun(record, fast(9))).toEqual({ record, journal: [] });
  });

  it('keeps the fingerprint and counts incarnations over a loss of all workers', () => {
    const record = after(
      runRecord(),
      started,
      { kind: 'starved', at, reason: 'no worker is alive' },
      { ...started, fingerprint: 'g', at: 2_000 },
    );
    expect(record).toMatchObject({ state: 'running', incarnation: 2, fingerprint: 'f', startedAt: at });
  });

  it('pauses through pausing, and goes on in a new incarnation', () => {
    const pausing = after(runRecord(), started, { kind: 'pause-requested', at });
    expect(pausing).toMatchObject({ state: 'pausing', pausingSince: at });
    expect(pausing.assigned).toHaveLength(2);
    const paused = after(pausing, { kind: 'paused', at, message: 'paused' });
    expect(paused).toMatchObject({ state: 'paused', assigned: [], pausingSince: null, isIncarnationOver: true });
    const resumed = after(paused, { kind: 'resume-requested', at });
    expect(resumed.state).toBe('pending');
    expect(after(resumed, started)).toMatchObject({ state: 'running', incarnation: 2, isIncarnationOver: false });
  });

  it('pauses at once what has no workers', () => {
    expect(after(runRecord(), { kind: 'pause-requested', at }).state).toBe('paused');
  });

  it('finishes from whatever state the word of it finds', () => {
    for (const state of RUN_STATES.filter((one) => !TERMINAL_STATES.includes(one))) {
      expect(after(runRecord({ state, incarnation: 1 }), finished)).toMatchObject({
        state: 'finished',
        weightsSha256: 'sha',
        assigned: [],
      });
    }
  });

  it('never leaves a state that is an end', () => {
    const happenings: RunHappening[] = [
      started,
      finished,
      { kind: 'pause-requested', at },
      { kind: 'resume-requested', at },
      { kind: 'cancel-requested', at },
      { kind: 'failed', at, message: 'late' },
      { kind: 'starved', at, reason: 'late' },
    ];
    for (const state of TERMINAL_STATES) {
      const record = runRecord({ state });
      for (const happening of happenings) expect(reduceRun(record, happening)).toEqual({ record, journal: [] });
    }
  });

  it('takes what has no meaning in a state for nothing', () => {
    const pending = runRecord();
    for (const happening of [
      { kind: 'resume-requested', at },
      { kind: 'paused', at, message: 'late' },
      { kind: 'failed', at, message: 'of an older incarnation' },
      { kind: 'workers-changed', at, joined: ['a'], left: [] },
    ] satisfies RunHappening[]) {
      expect(reduceRun(pending, happening).record).toBe(pending);
    }
    expect(reduceRun(runRecord({ state: 'running' }), { kind: 'resume-requested', at }).journal).toEqual([]);
  });

  it('fails with the message that a worker gave', () => {
    const { record, journal } = reduceRun(after(runRecord(), started), {
      kind: 'failed',
      at,
      message: 'loss is not finite',
    });
    expect(record).toMatchObject({ state: 'failed', reason: 'loss is not finite', finishedAt: at });
    expect(journal).toEqual([{ at, level: 'error', topic: 'failed', message: 'loss is not finite' }]);
  });

  it('keeps the newest checkpoints, each once, and says when one has other weights than before', () => {
    const spec = { ...runRecord().spec, checkpoint: { everySteps: 1, keep: 2 } };
    const kept = [3, 1, 2, 3].reduce<RunRecord>(
      (record, step) => after(record, { kind: 'checkpointed', at, checkpoint: checkpoint(step) }),
      runRecord({ spec }),
    );
    expect(kept).toMatchObject({ checkpoints: [{ step: 2 }, { step: 3 }] });
    expect(reduceRun(kept, { kind: 'checkpointed', at, checkpoint: checkpoint(3) }).journal).toEqual([]);
    expect(reduceRun(kept, { kind: 'checkpointed', at, checkpoint: checkpoint(1) }).record).toBe(kept);
    const other = reduceRun(kept, { kind: 'checkpointed', at, checkpoint: checkpoint(3, 'other') });
    expect(other.journal).toMatchObject([{ level: 'warning', topic: 'checkpoint' }]);
    expect(other.record).toMatchObject({ checkpoints: [{ step: 2 }, { weightsSha256: 'other' }] });
  });

  it('keeps the newest checkpoint and the best one that was written, where the spec says so', () => {
    const spec = { ...runRecord().spec, checkpoint: { everySteps: 1, keep: 'best' as const } };
    const best = (step: number, round: number): Checkpoint => ({
      ...checkpoint(step),
      round,
      best: { figure: 'accuracy', value: step / 10 },
    });
    // The one of step 3 is written after the epoch's last step, and once more after its evaluation.
    const written = [checkpoint(1), checkpoint(3), best(3, 4), checkpoint(4), checkpoint(5)];
    const kept = written.reduce<RunRecord>(
      (record, one) => after(record, { kind: 'checkpointed', at, checkpoint: one }),
      runRecord({ spec }),
    );
    expect(kept).toMatchObject({ checkpoints: [{ step: 3, round: 4, best: { value: 0.3 } }, { step: 5 }] });
    const better = after(kept, { kind: 'checkpointed', at, checkpoint: best(6, 8) });
    expect(better).toMatchObject({ checkpoints: [{ step: 6 }] });
    expect(reduceRun(better, { kind: 'checkpointed', at, checkpoint: checkpoint(6) }).record).toBe(better);
  });

  describe('of a run that ends early', () => {
    const spec = { ...runRecord().spec, stopWhen: { hours: 2, notFinite: true as const } };
    const used: RunHappening = { kind: 'time-used-up', at, reason: 'used up' };
    const left: RunHappening = { kind: 'paused', at, message: 'left' };
    const whole: RunHappening = { kind: 'ended-early', at, end: { step: 3, epoch: 1, weightsSha256: 'sha-3' } };
    const begun = after(runRecord({ spec }), started);
    const saved = after(begun, { kind: 'checkpointed', at, checkpoint: checkpoint(3) });

    it('waits until its workers have left, and then has the end of its checkpoint', () => {
      expect(after(saved, whole)).toBe(saved);
      const pausing = after(saved, used);
      expect(pausing).toMatchObject({ state: 'pausing', reason: 'used up', isIncarnationOver: false });
      const drained = after(pausing, left);
      expect(drained).toMatchObject({ state: 'pausing', assigned: [], isIncarnationOver: true });
      expect(after(drained, left, { kind: 'failed', at, message: 'late' })).toBe(drained);
      expect(after(drained, whole)).toMatchObject({
        state: 'finished',
        weightsSha256: 'sha-3',
        stopped: { step: 3, epoch: 1, cause: 'time', reason: 'used up' },
        ending: null,
        reason: null,
      });
    });

    it('is paused or cancelled all the same, and paused for good where nobody resumes it', () => {
      const pause: RunHappening = { kind: 'pause-requested', at };
      for (const paused of [after(saved, used, pause, left), after(saved, used, left, pause)]) {
        expect(paused).toMatchObject({ state: 'paused', reason: 'paused by request', ending: null });
        expect(after(paused, used, whole)).toBe(paused);
      }
      const cancelled = after(saved, used, { kind: 'cancel-requested', at });
      expect(cancelled).toMatchObject({ state: 'cancelled', ending: null });
    });

    it('fails where no checkpoint is whole', () => {
      const record = after(saved, used, left, { kind: 'ended-early', at, end: { fault: 'none is whole' } });
      const reason = 'used up, and it has no checkpoint to end with: none is whole';
      expect(record).toMatchObject({ state: 'failed', reason, stopped: null, ending: null });
    });

    it('does so by what is not finite where its spec says so and it has a checkpoint', () => {
      const failed: RunHappening = { kind: 'failed', at, message: 'NaN', notFinite: 'step 4' };
      const reason = 'loss or gradient of step 4 is not finite';
      const pausing = after(saved, failed);
      expect(pausing).toMatchObject({ state: 'pausing', ending: { cause: 'not-finite', reason } });
      expect(after(pausing, failed, { kind: 'pause-requested', at })).toBe(pausing);
      expect(after(pausing, left, whole)).toMatchObject({
        state: 'finished',
        stopped: { cause: 'not-finite', reason },
      });
      expect(after(begun, failed)).toMatchObject({
        state: 'failed',
        reason: expect.stringMatching(/^NaN; stopWhen.notFinite .* it has none yet/),
      });
      expect(after(saved, { kind: 'failed', at, message: 'unreadable' })).toMatchObject({ state: 'failed' });
      expect(after(evaluationRecord(2, { spec }), started, failed)).toMatchObject({ state: 'failed' });
    });
  });

  it('that stopped early says where and why', () => {
    const stopped = {
      step: 3,
      epoch: 1,
      cause: 'target' as const,
      reason: 'validation accuracy 93.00 % has reached 93.00 %',
    };
    const { record, journal } = reduceRun(after(runRecord(), started), { ...finished, stopped });
    expect(record).toMatchObject({ state: 'finished', stopped });
    expect(journal).toMatchObject([{ message: expect.stringContaining(`stopped early: ${stopped.reason}`) }]);
  });
});
