import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Checkpoint, RunSpec } from '#contracts';
import { CheckpointUploads } from './checkpoint-uploads.js';

const checkpoint = (step: number, isBest = false): Checkpoint => ({
  step,
  round: step,
  directory: `/staging/${step}`,
  weightsSha256: String(step),
  sizeBytes: 1,
  at: 1,
  ...(isBest && { best: { figure: 'accuracy', value: 0.5 } }),
});

/** Uploads to a store that is away until it is told otherwise. */
function uploads(keep: RunSpec['checkpoint']['keep'] = 3) {
  const state = { isAway: true, attempts: [] as number[], discarded: [] as number[], told: [] as string[] };
  const subject = new CheckpointUploads({
    keep,
    retryMs: 5,
    send: async ({ step }) => {
      state.attempts.push(step);
      await delay(1);
      if (state.isAway) throw new Error('nobody answers');
      return `s3://bucket/${step}`;
    },
    discard: ({ step }) => Promise.resolve(void state.discarded.push(step)),
    tell: (level, message) => state.told.push(`${level}: ${message}`),
  });
  return { subject, state };
}

describe('checkpoints on their way to a store', () => {
  it('arrive one after the other, and leave the disk', async () => {
    const { subject, state } = uploads();
    state.isAway = false;
    const both = await Promise.all([subject.add(checkpoint(1)), subject.add(checkpoint(2))]);
    expect(both.map((one) => one?.directory)).toEqual(['s3://bucket/1', 's3://bucket/2']);
    expect(state).toMatchObject({ attempts: [1, 2], discarded: [1, 2], told: [] });
  });

  it('wait while it is away, the newest ones, and that is told once and once when it is over', async () => {
    const { subject, state } = uploads();
    const all = [1, 2, 3, 4, 5].map((step) => subject.add(checkpoint(step)));
    expect(await all[1]).toBeNull();
    while (state.attempts.length < 4) await delay(2);
    state.isAway = false;
    const arrived = await Promise.all(all);
    expect(arrived.map((one) => one?.step ?? null)).toEqual([null, null, 3, 4, 5]);
    expect(state.discarded.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(state.told).toEqual([
      'error: the checkpoint of step 1 has not reached its store: nobody answers; it stays on the disk of its worker and is sent again; training goes on',
      'info: checkpoints reach their store again: that of step 3 is there',
    ]);
  });

  it('wait once for each step', async () => {
    const { subject, state } = uploads(2);
    const all = [1, 2, 3, 4, 4].map((step) => subject.add(checkpoint(step)));
    while (state.attempts.length < 2) await delay(2);
    state.isAway = false;
    expect((await Promise.all(all)).map((one) => one?.step ?? null)).toEqual([null, null, 3, null, 4]);
  });

  it('wait as the newest and the best, where the run keeps these', async () => {
    const { subject, state } = uploads('best');
    const all = [checkpoint(1, true), checkpoint(2, true), checkpoint(3), checkpoint(4)].map((one) => subject.add(one));
    while (state.attempts.length < 2) await delay(2);
    state.isAway = false;
    expect((await Promise.all(all)).map((one) => one?.step ?? null)).toEqual([null, 2, null, 4]);
  });

  it('are given up when all is closed', async () => {
    const { subject, state } = uploads();
    const waiting = subject.add(checkpoint(1));
    await delay(3);
    subject.close();
    expect(await waiting).toBeNull();
    expect(await subject.add(checkpoint(2))).toBeNull();
    await delay(20);
    expect(state.attempts).toEqual([1]);
  });
});
