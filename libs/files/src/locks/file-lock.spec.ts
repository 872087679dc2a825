import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileLock, LockLostError, type LockOptions } from './file-lock.js';
import { holderOf } from './lock-holder.js';

/** Above the highest pid that Linux gives out. */
const NO_SUCH_PID = 4_194_305;
const ELSEWHERE = { pidNamespace: 'pid:[1]', host: 'elsewhere' } as const;

describe('FileLock', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-lock-'));
    path = join(folder, 'a.lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const take = async (options?: LockOptions): Promise<FileLock> => {
    const lock = await FileLock.take(path, options);
    if (typeof lock === 'string') throw new Error(`the lock is held by ${lock}`);
    return lock;
  };
  /** Writes the lock of a holder that is this process, or the one of that id, but for the changes. */
  const leave = async (changes: Readonly<Record<string, unknown>>, pid = process.pid): Promise<void> =>
    writeFile(path, JSON.stringify({ ...(await holderOf(pid, 'another')), ...changes }));
  /** Touches the lock as a holder elsewhere does, whose clock is so far behind. */
  const touching = (behindMs: number): Disposable => {
    const timer = setInterval(() => {
      const now = new Date(Date.now() - behindMs);
      void utimes(path, now, now);
    }, 50);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  };

  it('is held once', async () => {
    const lock = await take();
    expect(await FileLock.take(path)).toMatch(new RegExp(`^process ${process.pid} on .+`));
    await lock.release();
    await (await take()).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a dead process, and from one whose id another process has now', async () => {
    for (const [pid, startTime] of [
      [NO_SUCH_PID, '1'],
      [process.ppid, '1'],
    ] as const) {
      await leave({ pid, startTime });
      const lock = await take();
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over by one of those who want it', async () => {
    await leave({ pid: NO_SUCH_PID });
    const results = await Promise.all([FileLock.take(path), FileLock.take(path), FileLock.take(path)]);
    const locks = results.filter((result) => typeof result !== 'string');
    expect(locks).toHaveLength(1);
    await locks[0]?.release();
  });

  it('is held while another process lives', async () => {
    await leave({}, process.ppid);
    expect(await FileLock.take(path)).toMatch(new RegExp(`^process ${process.ppid} on .+`));
  });

  it('is taken over from this process where it has one such lock at a time', async () => {
    await leave({});
    await (await take({ isOnlyOne: true })).release();
  });

  it('of a thread of this process goes by its touch: a thread may end without letting go', async () => {
    await leave({});
    {
      using _ = touching(0);
      expect(await FileLock.take(path, { isOfThread: true, silentMs: 1_000 })).toBe(
        `process ${process.pid} on ${hostname()}`,
      );
    }
    await (await take({ isOfThread: true, silentMs: 500 })).release();
  });

  it.each([0, 3_600_000])('of a process that cannot be seen goes by its touch, its clock %d ms behind', async (ms) => {
    await leave(ELSEWHERE);
    {
      using _ = touching(ms);
      expect(await FileLock.take(path, { silentMs: 1_000 })).toBe(`process ${process.pid} on elsewhere`);
    }
    await (await take({ silentMs: 500 })).release();
  });

  it('that names nobody is watched, too', async () => {
    for (const text of ['rubbish', '']) {
      await writeFile(path, text);
      {
        using _ = touching(0);
        expect(await FileLock.take(path, { silentMs: 1_000 })).toBe('another process');
      }
      await (await take({ silentMs: 500 })).release();
    }
  });

  it('is touched while it is held', async () => {
    const lock = await take();
    const { mtimeMs } = await stat(path);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await stat(path)).mtimeMs).toBeGreaterThan(mtimeMs);
    await lock.release();
  });

  it('notices that another has it by now, and leaves it to the other', async () => {
    const lock = await take();
    await lock.confirm();
    await rm(path);
    await lock.confirm();
    await writeFile(path, 'of another');
    await expect(lock.confirm()).rejects.toThrow(LockLostError);
    await lock.release();
    expect(await readFile(path, 'utf8')).toBe('of another');
  });
});
