import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileLock } from './file-lock.js';
import { LockTimeoutError, withLock } from './with-lock.js';

describe('withLock', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-lock-'));
    path = join(folder, 'a.lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const taken = async (): Promise<FileLock> => {
    const lock = await FileLock.take(path);
    if (typeof lock === 'string') throw new Error('the lock was free');
    return lock;
  };

  it('lets one body run at a time and leaves no file', async () => {
    let inside = 0;
    let most = 0;
    const body = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(path, { timeoutMs: 10_000 }, body)));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('releases when the body throws', async () => {
    await expect(withLock(path, { timeoutMs: 0 }, () => Promise.reject(new Error('body')))).rejects.toThrow('body');
    expect(await readdir(folder)).toEqual([]);
  });

  it('names the holder, and gives up in time', async () => {
    const lock = await taken();
    const told: string[] = [];
    const waiting = withLock(path, { timeoutMs: 0, onWait: (holder) => told.push(holder) }, () => Promise.resolve());
    await expect(waiting).rejects.toThrow(LockTimeoutError);
    expect(told).toEqual([expect.stringMatching(new RegExp(`^process ${process.pid} on .+`))]);
    await lock.release();
  });

  it('stops waiting when told to', async () => {
    const lock = await taken();
    const stop = new AbortController();
    const waiting = withLock(path, { timeoutMs: 60_000, signal: stop.signal, onWait: () => stop.abort() }, () =>
      Promise.resolve(),
    );
    await expect(waiting).rejects.toThrow('aborted');
    await lock.release();
  });
});
