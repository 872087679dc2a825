import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecoverableError } from '#contracts';
import { inBucket, type Bucket } from '../../../../test/support/object-server/in-bucket.js';
import { AddressedFiles } from '../addressed-files.js';
import { openWritableStore } from '../open-store.js';
import { probeWriting } from '../probe-writing.js';
import { StoreAccessError } from '../store-errors.js';
import type { WritableStore } from '../store.js';
import type { Limits } from './patience.js';

const LIMITS: Limits = { firstByteMs: 500, idleMs: 500, numAttempts: 5, firstDelayMs: 1, longestDelayMs: 20 };
const MIB = 2 ** 20;
/** Two parts and a bit. */
const large = Buffer.alloc(32 * MIB + 5, 'parts');

let bucket: Bucket;
beforeEach(async () => {
  bucket = await inBucket();
});
afterEach(async () => {
  await bucket[Symbol.asyncDispose]();
});

const source = () => ({ location: 's3://bucket/a b', settings: bucket.settings });
const open = (): WritableStore => openWritableStore(source(), LIMITS);
const held = (path: string): Uint8Array | undefined => bucket.server.objects.get(`bucket/a b/${path}`)?.bytes;

describe('a store that is written to', () => {
  it('holds what was written, in place of what was there, until it is removed', async () => {
    const store = open();
    for (const bytes of [Buffer.from('first'), Buffer.from('another'), new Uint8Array(0)]) {
      await store.write('x/ä+b.bin', bytes);
      expect(Buffer.compare(held('x/ä+b.bin') ?? Buffer.from('none'), bytes)).toBe(0);
    }
    await store.remove('x/ä+b.bin');
    await store.remove('x/ä+b.bin');
    expect(await store.stat('x/ä+b.bin')).toBeNull();
    store.close();
  });

  it('takes a large file in parts, each asked for again where it failed, and its end as well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-written-'));
    const file = join(folder, 'large');
    await writeFile(file, large);
    const { faults } = bucket.server;
    faults.push({ times: 2, method: 'PUT', what: { kind: 'status', status: 503, code: 'SlowDown' } });
    faults.push({ times: 1, method: 'PUT', parameter: 'partNumber', what: { kind: 'lost' } });
    faults.push({ times: 1, method: 'POST', parameter: 'uploadId', what: { kind: 'lost' } });
    await open().write('large', { file });
    expect(Buffer.compare(held('large') ?? Buffer.alloc(0), large)).toBe(0);
    expect(bucket.server.uploads.size).toBe(0);
    await rm(folder, { recursive: true });
  });

  it('is whole or not there: a failed upload leaves neither an object nor parts', async () => {
    const store = open();
    await store.write('large', Buffer.from('before'));
    bucket.server.faults.push({
      times: 99,
      method: 'PUT',
      parameter: 'partNumber',
      what: { kind: 'status', status: 500 },
    });
    const writing = store.write('large', large);
    await expect(writing).rejects.toThrow(RecoverableError);
    await expect(writing).rejects.toThrow(/large: gave up after 5 attempts: answered 500/);
    expect(Buffer.from(held('large') ?? []).toString()).toBe('before');
    expect(bucket.server.uploads.size).toBe(0);
  });

  it('stops when it is told to', async () => {
    bucket.server.faults.push({ times: 99, method: 'PUT', what: { kind: 'silent' } });
    const stop = new AbortController();
    const writing = open().write('a', large, { signal: stop.signal });
    while (!bucket.server.requests.some((request) => request.startsWith('PUT'))) await delay(5);
    stop.abort(new Error('enough'));
    await expect(writing).rejects.toThrow('enough');
    expect(bucket.server.uploads.size).toBe(0);
  });

  it('says why it cannot be written to', async () => {
    const refuse = (status: number, code: string): number =>
      bucket.server.faults.push({ times: 1, method: 'PUT', what: { kind: 'status', status, code } });
    refuse(404, 'NoSuchBucket');
    await expect(open().write('a', Buffer.from('a'))).rejects.toThrow(
      /a b\/a: answered 404 NoSuchBucket: there is no such bucket/,
    );
    refuse(403, 'AccessDenied');
    const denied = open().write('a', Buffer.from('a'));
    await expect(denied).rejects.toThrow(StoreAccessError);
    await expect(denied).rejects.toThrow(/answered 403 AccessDenied: these credentials have no right to it/);
    refuse(400, 'Odd');
    await expect(open().write('a', Buffer.from('a'))).rejects.toThrow(/a b\/a: answered 400 Odd/);
    expect(() => openWritableStore({ ...source(), location: 'https://host/x' })).toThrow(/only s3:/);
  });
});

describe('the probe of a store', () => {
  it('leaves nothing where all is well', async () => {
    expect(await probeWriting(source(), 5_000)).toBeUndefined();
    expect(bucket.server.objects.size).toBe(0);
  });

  it.each([
    ['PUT', 404, 'NoSuchBucket', /there is no such bucket/],
    ['PUT', 403, 'AccessDenied', /no right to it/],
    ['GET', 403, 'AccessDenied', /no right to it/],
    ['DELETE', 403, 'AccessDenied', /no right to it/],
  ])('names what is in the way of a %s answered %d %s', async (method, status, code, words) => {
    bucket.server.faults.push({ times: 9, method, what: { kind: 'status', status, code } });
    expect(await probeWriting(source(), 5_000)).toMatch(words);
  });

  it('ends in its time', async () => {
    bucket.server.faults.push({ times: 9, what: { kind: 'silent' } });
    expect(await probeWriting(source(), 100)).toMatch(/did not answer within 0.1 s|no answer within 0.1 s/);
  });
});

describe('a file by its address', () => {
  it('is fetched once, whatever lies in the bucket, and is a path of its own where it is one', async () => {
    await open().write('w.bin', Buffer.from('weights'));
    const files = new AddressedFiles(bucket.settings, LIMITS);
    const first = await files.pathOf('s3://bucket/a b/w.bin');
    expect(await files.pathOf('s3://bucket/a b/w.bin')).toBe(first);
    expect(bucket.server.requests.filter((request) => request.startsWith('GET'))).toHaveLength(1);
    expect(await files.pathOf('s3://bucket/a b/other.bin')).toBeUndefined();
    expect(await files.pathOf('/tmp/w.bin')).toBe('/tmp/w.bin');
    const overHttp = await files.pathOf(`${bucket.server.url}/bucket/a%20b/w.bin`);
    expect(overHttp).not.toBe(first);
    files.close();
  });
});
