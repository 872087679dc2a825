import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { INITIAL_VALIDATION_STATE, manifestText, type CheckpointManifest } from '#contracts';
import { openWritableStore, type WritableStore } from '#stores';
import { inBucket, type Bucket } from '../../../test/support/object-server/in-bucket.js';
import { pruneStored } from './prune-stored.js';
import { removeStored } from './remove-stored.js';
import { uploadCheckpoint } from './upload-checkpoint.js';

const DAY_MS = 24 * 3_600_000;
const LIMITS = { firstByteMs: 2_000, idleMs: 2_000, numAttempts: 2, firstDelayMs: 1, longestDelayMs: 1 };

let bucket: Bucket;
let folder: string;
let store: WritableStore;
beforeEach(async () => {
  bucket = await inBucket();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-stored-'));
  store = openWritableStore({ location: 's3://bucket/runs/r1', settings: bucket.settings }, LIMITS);
});
afterEach(async () => {
  store.close();
  await bucket[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const PLACE = 'bucket/runs/r1/';
const keys = (): readonly string[] =>
  [...bucket.server.objects.keys()].map((key) => key.slice(PLACE.length)).toSorted();
const steps = (): readonly number[] =>
  keys().flatMap((key) => (key.endsWith('checkpoint.json') ? [Number(key.slice(5, 13))] : []));

/** A checkpoint on disk, as a worker writes it. */
async function written(step: number, { round = step, isBest = false, bits = '' } = {}): Promise<string> {
  const from = join(folder, `${step}-${round}-${bits}`);
  await mkdir(from, { recursive: true });
  const put = async (name: string): Promise<string> => {
    const content = `${name} after step ${step} ${bits}`;
    await writeFile(join(from, name), content);
    return createHash('sha256').update(content).digest('hex');
  };
  const manifest: CheckpointManifest = {
    version: 3,
    runId: 'r1',
    architecture: 'resnet8',
    round,
    step,
    weightsSha256: await put('weights.safetensors'),
    slots: { momentum: { file: 'slot-momentum.safetensors', sha256: await put('slot-momentum.safetensors') } },
    validation: { ...INITIAL_VALIDATION_STATE, best: isBest ? { step, figure: 'accuracy', value: 0.5 } : null },
  };
  await writeFile(join(from, 'checkpoint.json'), manifestText(manifest));
  return from;
}
const upload = async (...of: Parameters<typeof written>): Promise<string> =>
  uploadCheckpoint(store, await written(...of));

describe('a checkpoint in a store', () => {
  it('has its manifest last, and is gone on from where a writer was killed', async () => {
    const what = { kind: 'status', status: 403, code: 'AccessDenied' } as const;
    bucket.server.faults.push({ times: 1, method: 'PUT', path: 'slot-momentum.safetensors', what });
    await expect(upload(5)).rejects.toThrow(/no right/);
    expect(keys()).toEqual([expect.stringMatching(/^step-00000005-[0-9a-f]{12}\/weights\.safetensors$/)]);
    const before = bucket.server.requests.length;
    const name = await upload(5);
    expect(keys()).toEqual(
      ['checkpoint.json', 'slot-momentum.safetensors', 'weights.safetensors'].map((one) => `${name}/${one}`),
    );
    const puts = bucket.server.requests.slice(before).filter((request) => request.startsWith('PUT'));
    expect(puts.map((request) => request.split('/').at(-1))).toEqual(['slot-momentum.safetensors', 'checkpoint.json']);
  });

  it('gets the later manifest of the same bits, and is no mixture where bits are others', async () => {
    const first = await upload(5);
    expect(await upload(5, { round: 6 })).toBe(first);
    expect(
      Buffer.from(bucket.server.objects.get(`${PLACE}${first}/checkpoint.json`)?.bytes ?? []).toString(),
    ).toContain('"round": 6');
    const other = await upload(5, { bits: 'other' });
    expect(other).not.toBe(first);
    await pruneStored(store, { keep: 3, written: other });
    expect(keys().map((key) => key.split('/')[0])).toEqual([other, other, other]);
  });

  it('stays as long as the run keeps it', async () => {
    let last = '';
    for (const step of [5, 10, 15]) last = await upload(step);
    await pruneStored(store, { keep: 2, written: last });
    expect(steps()).toEqual([10, 15]);
    // A writer that was stopped for long and goes on: others are further.
    const late = await upload(5);
    await pruneStored(store, { keep: 2, written: late });
    expect(steps()).toEqual([10, 15]);
  });

  it('stays as the best, where the run keeps that', async () => {
    for (const step of [5, 10, 15, 20]) await upload(step, { isBest: step === 5 || step === 10 });
    await pruneStored(store, { keep: 'best', written: await upload(20) });
    expect(steps()).toEqual([10, 20]);
  });

  it('counts only when it is whole, and half of one goes a day after its writer', async () => {
    const half = 'step-00000030-0123456789ab/weights.safetensors';
    await store.write(half, Buffer.from('half'));
    await store.write('initial.safetensors', Buffer.from('initial'));
    const last = await upload(20);
    await pruneStored(store, { keep: 1, written: last });
    expect(steps()).toEqual([20]);
    expect(keys()).toContain(half);
    const held = bucket.server.objects.get(PLACE + half);
    if (held) bucket.server.objects.set(PLACE + half, { ...held, changedAt: new Date(Date.now() - 1.1 * DAY_MS) });
    await pruneStored(store, { keep: 1, written: last });
    expect(keys()).not.toContain(half);
    expect(keys()).toContain('initial.safetensors');
  });

  it('is removed with its manifest first', async () => {
    await upload(5);
    const before = bucket.server.requests.length;
    await removeStored(store, '');
    const removed = bucket.server.requests.slice(before).filter((request) => request.startsWith('DELETE'));
    expect(removed.map((request) => request.split('/').at(-1))).toEqual([
      'checkpoint.json',
      'slot-momentum.safetensors',
      'weights.safetensors',
    ]);
    expect(keys()).toEqual([]);
  });
});
