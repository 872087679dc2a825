import { link, open, readFile, rename, rm, stat, mkdir, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isCode } from './is-code.js';

/** Another process holds the lock and did not let go in time. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

export interface LockOptions {
  /** How long to wait for another holder. */
  readonly timeoutMs: number;
  /** Called once, when there is somebody to wait for. */
  readonly onWait?: (holder: string) => void;
  readonly signal?: AbortSignal;
  /** Age, by the file system's clock, at which a lock that nobody refreshes counts as left behind. Default 120 000. */
  readonly staleMs?: number;
}

/** A lock in hand. */
export interface HeldLock {
  release(): Promise<void>;
}

const holderSchema = z.object({ pid: z.int(), host: z.string(), token: z.string() });
type Holder = Readonly<z.infer<typeof holderSchema>>;

const POLL_MS = 200;
const REFRESH_MS = 10_000;
const DEFAULT_STALE_MS = 120_000;
/** A lock that looks left behind is watched for so long: it may look so because a clock was set. */
const WATCH_MS = 1.5 * REFRESH_MS;

/**
 * Runs `body` while holding the lock file, waiting for another process that holds it. A lock whose process is dead, or
 * that was not refreshed for `staleMs` (its machine is gone), is taken over.
 */
export async function withLock<T>(path: string, options: LockOptions, body: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const held = await tryLock(path, options.staleMs);
    if (typeof held !== 'string') {
      try {
        return await body();
      } finally {
        await held.release();
      }
    }
    if (!told) options.onWait?.(held);
    told = true;
    if (performance.now() >= deadline) {
      throw new LockTimeoutError(
        `${held} has held ${path} for longer than ${options.timeoutMs / 1000} s. If it hangs, stop it and try again.`,
      );
    }
    await delay(POLL_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** Takes the lock if it is free, else says in words who holds it (`process 42 on host`). */
export async function tryLock(path: string, staleMs = DEFAULT_STALE_MS): Promise<HeldLock | string> {
  await mkdir(dirname(path), { recursive: true });
  const own: Holder = { pid: process.pid, host: hostname(), token: randomUUID() };
  const taken = await createLock(path, own);
  if (taken.isOurs) return holdLock(path, own);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return 'another process';
  const holder = parseHolder(text);
  const label = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  if (!(await isStale(path, holder, { staleMs, now: taken.at }))) return label;
  await removeStale(path, text);
  return (await createLock(path, own)).isOurs ? holdLock(path, own) : label;
}

/**
 * The file appears with its content in one act: it is written aside and linked into place. `at`: when that was, by the
 * clock of the file system, which dates what is written whatever the hosts' clocks say.
 */
async function createLock(path: string, own: Holder): Promise<{ readonly isOurs: boolean; readonly at: number }> {
  const aside = `${path}.${own.token}`;
  const file = await open(aside, 'wx');
  let at: number;
  try {
    await file.writeFile(JSON.stringify(own));
    at = (await file.stat()).mtimeMs;
  } finally {
    await file.close();
  }
  try {
    await link(aside, path);
    return { isOurs: true, at };
  } catch (error) {
    if (isCode(error, 'EEXIST')) return { isOurs: false, at };
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function holdLock(path: string, own: Holder): Promise<HeldLock> {
  // Our file, also where somebody else's has taken its place.
  const file = await open(path, 'r+');
  const refresh = setInterval(() => void touch(file, own), REFRESH_MS);
  refresh.unref();
  return {
    release: async () => {
      clearInterval(refresh);
      await file.close();
      const text = await readFile(path, 'utf8').catch(() => '');
      if (parseHolder(text)?.token === own.token) await rm(path, { force: true });
    },
  };
}

/** Written, not given a time: what is written is dated by the file system. */
async function touch(file: FileHandle, own: Holder): Promise<void> {
  // A failed refresh only lets the lock look old; whoever takes it over says so.
  await file.write(JSON.stringify(own), 0).catch(() => {});
}

/** Renaming is atomic: of two that saw the same dead holder one gets the file, and puts back what was not the dead one. */
async function removeStale(path: string, staleText: string): Promise<void> {
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== staleText) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function isStale(
  path: string,
  holder: Holder | undefined,
  { staleMs, now }: { readonly staleMs: number; readonly now: number },
): Promise<boolean> {
  if (holder !== undefined && holder.host === hostname() && !isAlive(holder.pid)) return true;
  const refreshedAt = await mtimeOf(path);
  if (refreshedAt === undefined || Math.abs(now - refreshedAt) <= staleMs) return false;
  await delay(Math.min(staleMs, WATCH_MS));
  return (await mtimeOf(path)) === refreshedAt;
}

async function mtimeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (entry) => entry.mtimeMs,
    () => undefined,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
