import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LockTimeoutError, tryLock, withLock } from './process-lock.js';

/** Above the highest pid that Linux gives out. */
const NO_SUCH_PID = 4_194_305;

describe('process lock', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-lock-'));
    path = join(folder, 'a.lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const hoursAgo = (hours: number): Date => new Date(performance.timeOrigin + performance.now() - hours * 3_600_000);
  const leaveLock = (pid: number, host = hostname()): Promise<void> =>
    writeFile(path, JSON.stringify({ pid, host, token: 'left behind' }));

  it('lets one body run at a time and leaves no file', async () => {
    let inside = 0;
    let most = 0;
    const body = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
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
    await leaveLock(process.pid);
    const told: string[] = [];
    const waiting = withLock(path, { timeoutMs: 0, onWait: (holder) => told.push(holder) }, () => Promise.resolve());
    await expect(waiting).rejects.toThrow(LockTimeoutError);
    expect(told).toEqual([`process ${process.pid} on ${hostname()}`]);
  });

  it('takes over the lock of a dead process, once', async () => {
    await leaveLock(NO_SUCH_PID);
    const results = await Promise.all([tryLock(path), tryLock(path), tryLock(path)]);
    expect(results.filter((result) => typeof result !== 'string')).toHaveLength(1);
  });

  it('believes a lock of another machine until nobody has refreshed it for long', async () => {
    await leaveLock(NO_SUCH_PID, 'elsewhere');
    expect(await tryLock(path)).toBe(`process ${NO_SUCH_PID} on elsewhere`);
    await utimes(path, hoursAgo(1), hoursAgo(1));
    const lock = await tryLock(path, 500);
    expect(typeof lock).toBe('object');
  });

  it('believes it, too, where a clock was set and the lock only looks old', async () => {
    await leaveLock(NO_SUCH_PID, 'elsewhere');
    let refreshed = 0;
    const refreshing = setInterval(() => void utimes(path, hoursAgo(2), hoursAgo(2 + ++refreshed)), 50);
    try {
      expect(await tryLock(path, 1_000)).toBe(`process ${NO_SUCH_PID} on elsewhere`);
    } finally {
      clearInterval(refreshing);
    }
  });

  it('is dated by the file system, not by the clock of the host', async () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(hoursAgo(48).getTime());
    try {
      await leaveLock(NO_SUCH_PID, 'elsewhere');
      expect(await tryLock(path)).toBe(`process ${NO_SUCH_PID} on elsewhere`);
      now.mockReturnValue(hoursAgo(-48).getTime());
      expect(await tryLock(path)).toBe(`process ${NO_SUCH_PID} on elsewhere`);
    } finally {
      now.mockRestore();
    }
  });

  it('does not remove a lock that somebody took over meanwhile', async () => {
    const lock = await tryLock(path);
    if (typeof lock === 'string') throw new Error('the lock was free');
    await leaveLock(process.pid);
    await lock.release();
    expect(await readdir(folder)).toEqual(['a.lock']);
  });

  it('stops waiting when told to', async () => {
    await leaveLock(process.pid);
    const stop = new AbortController();
    const waiting = withLock(path, { timeoutMs: 60_000, signal: stop.signal, onWait: () => stop.abort() }, () =>
      Promise.resolve(),
    );
    await expect(waiting).rejects.toThrow('aborted');
  });
});
