import { describe, expect, it } from '@jest/globals';
import { NewerVersionError, type Checkpoint } from '#contracts';
import type { WholeCheckpoint } from '../storage/checkpoint-files.js';
import type { TrainingRecord } from '../storage/run-record.schema.js';
import { runRecord } from '../testing/run-record.js';
import { WholeCheckpoints } from './whole-checkpoints.js';

const RETRY_MS = 20;
const checkpoint = {
  step: 5,
  round: 5,
  directory: 's3://b/r/step',
  weightsSha256: '',
  sizeBytes: 1,
  at: 1,
} as Checkpoint;
const found: WholeCheckpoint = { checkpoint, damaged: [] };
const record = (checkpoints: Checkpoint[], store?: string): TrainingRecord => {
  const one = runRecord();
  return { ...one, spec: { ...one.spec, checkpoint: { ...one.spec.checkpoint, store } }, checkpoints };
};

/** Looks that end when they are told to. */
function looks() {
  const asked: { resolve: (of: WholeCheckpoint) => void; reject: (error: unknown) => void }[] = [];
  const files = {
    folderOf: () => 's3://b/r',
    newestWhole: () => new Promise<WholeCheckpoint>((resolve, reject) => asked.push({ resolve, reject })),
  };
  return { asked, subject: new WholeCheckpoints(files, { retryMs: RETRY_MS }) };
}

describe('the newest whole checkpoint of a run with a store', () => {
  const stored = record([checkpoint], 's3://b');
  const settled = (): Promise<void> => new Promise(setImmediate);

  it('is looked for in the background, once, and known to a later look', async () => {
    const { asked, subject } = looks();
    for (let times = 0; times < 3; times += 1)
      await expect(subject.newest(stored)).rejects.toMatchObject({ message: /are being read/, isTrouble: false });
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(found);
    await settled();
    expect(await subject.newest(stored)).toBe(found);
    // What was whole may be damaged when the next incarnation begins.
    await expect(subject.newest(stored)).rejects.toThrow(/are being read/);
    // Another one was written meanwhile.
    await expect(subject.newest(record([checkpoint, checkpoint], 's3://b'))).rejects.toThrow(/are being read/);
    expect(asked).toHaveLength(3);
  });

  it('is looked for again where the store does not answer, after a while', async () => {
    const { asked, subject } = looks();
    await expect(subject.newest(stored)).rejects.toThrow(/are being read/);
    asked[0]?.reject(new Error('nobody answers'));
    await settled();
    const trouble = { message: 'its checkpoints in s3://b/r cannot be read now: nobody answers', isTrouble: true };
    await expect(subject.newest(stored)).rejects.toMatchObject(trouble);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS + 1));
    await expect(subject.newest(stored)).rejects.toMatchObject(trouble);
    await expect(subject.newest(stored)).rejects.toThrow(/are being read/);
    asked[1]?.reject(new NewerVersionError('newer'));
    await settled();
    await expect(subject.newest(stored)).rejects.toThrow(NewerVersionError);
  });

  it('is waited for on disk, and none is none', async () => {
    const { asked, subject } = looks();
    const waiting = subject.newest(record([checkpoint]));
    asked[0]?.resolve(found);
    expect(await waiting).toBe(found);
    const none = subject.newest(record([], 's3://b'));
    asked[1]?.resolve({ checkpoint: undefined, damaged: [] });
    expect((await none).checkpoint).toBeUndefined();
  });
});
