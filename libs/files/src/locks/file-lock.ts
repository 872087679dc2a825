/**
 * A lock file names the process that holds it. The lock ends with that process, however it ends: whoever comes next sees
 * that the process is gone. Where the process cannot be seen, in another container or on another host that shares the
 * disk, the file shows that it lives: its holder touches it every second.
 *
 * Why not `proper-lockfile`: its holders are known by the age of a folder alone, by the clock of the host, so that a killed
 * coordinator would keep its successor waiting for the time-out, and a clock that is set would open the lock. Why not the
 * kernel's `flock`, or a socket as `host-lock` has it: Node has no `flock`, and a socket's name is not seen from another
 * container or host.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../durable-write.js';
import { isCode, isMissing } from '../error-code.js';
import { holderOf, parseHolder, whereaboutsOf } from './lock-holder.js';

export interface LockOptions {
  /** A holder that cannot be seen is dead after so many milliseconds without a touch. Default 15,000. */
  readonly silentMs?: number;
  /**
   * What holds in a process that has one such lock at a time: one that it took itself and never released was left behind.
   * Default false: it is held.
   */
  readonly isOnlyOne?: boolean;
  /**
   * Threads of one process compete for the lock, and one may end without letting go: a lock of this process is held while it
   * is touched. Default false.
   */
  readonly isOfThread?: boolean;
}

/** Another process has taken the lock over, because this one was silent for too long. */
export class LockLostError extends Error {
  override readonly name = 'LockLostError';
}

const TOUCH_MS = 1_000;
const LOOK_MS = 250;
const DEFAULT_SILENT_MS = 15_000;
const ATTEMPTS = 3;

/** A lock in hand. */
export class FileLock {
  readonly #path: string;
  readonly #text: string;
  readonly #touching: NodeJS.Timeout;
  #file: FileHandle;

  private constructor(path: string, text: string, file: FileHandle) {
    this.#path = path;
    this.#text = text;
    this.#file = file;
    this.#touching = setInterval(() => void this.#touch(), TOUCH_MS).unref();
  }

  /** Takes the lock if it is free, or its holder is dead; else says in words who holds it: `process 42 on host`. */
  static async take(
    path: string,
    { silentMs = DEFAULT_SILENT_MS, isOnlyOne = false, isOfThread = false }: LockOptions = {},
  ): Promise<FileLock | string> {
    await makeFolder(dirname(path));
    const text = JSON.stringify(await holderOf(process.pid, randomUUID()));
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const file = await create(path, text);
      if (file !== undefined) return new FileLock(path, text, file);
      const held = await textOf(path);
      if (held === undefined) continue;
      if (await isHeld(path, held, { silentMs, isOnlyOne, isOfThread })) return labelOf(held);
      await removeStale(path, held);
    }
    return 'another process';
  }

  /** Who holds a lock, as far as this machine can see: `process 42 on host`. Undefined where nobody is seen to. Takes nothing. */
  static async holder(path: string): Promise<string | undefined> {
    const text = await textOf(path);
    const holder = text === undefined ? undefined : parseHolder(text);
    if (text === undefined || holder === undefined) return undefined;
    return (await whereaboutsOf(holder)) === 'dead' ? undefined : labelOf(text);
  }

  /** To be asked before a change that two must not make. Throws LockLostError when another process has the lock by now. */
  async confirm(): Promise<void> {
    if ((await textOf(this.#path)) === this.#text) return;
    // Somebody may have taken the file away; nobody has the lock then.
    const file = await create(this.#path, this.#text);
    if (file !== undefined) {
      await this.#file.close();
      this.#file = file;
    } else if ((await textOf(this.#path)) !== this.#text) {
      throw new LockLostError(`another process has taken over ${this.#path}, because this one was silent for too long`);
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#touching);
    await this.#file.close();
    if ((await textOf(this.#path)) === this.#text) await rm(this.#path, { force: true });
  }

  /** Our file, also where another one has taken its place. */
  async #touch(): Promise<void> {
    const now = new Date();
    // A disk that refuses will be asked again.
    await this.#file.utimes(now, now).catch(() => undefined);
  }
}

/** The file appears with its content in one act: it is written aside and linked into place. Undefined where one is there. */
async function create(path: string, text: string): Promise<FileHandle | undefined> {
  const aside = `${path}.${randomUUID()}`;
  const file = await open(aside, 'wx');
  try {
    await file.writeFile(text);
    await link(aside, path);
    return file;
  } catch (error) {
    await file.close();
    if (isCode(error, 'EEXIST')) return undefined;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function isHeld(
  path: string,
  text: string,
  { silentMs, isOnlyOne, isOfThread }: Required<LockOptions>,
): Promise<boolean> {
  const holder = parseHolder(text);
  const where = holder === undefined ? 'out of sight' : await whereaboutsOf(holder);
  switch (where) {
    case 'dead':
      return false;
    case 'alive':
      return true;
    case 'this process':
      return isOfThread ? await isTouched(path, silentMs) : !isOnlyOne;
    case 'out of sight':
      return await isTouched(path, silentMs);
  }
}

/** Watches for a touch. Changed, not later: the times are of two clocks, and either may be set back. */
async function isTouched(path: string, silentMs: number): Promise<boolean> {
  const touchedAt = async (): Promise<number> => (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
  const before = await touchedAt();
  for (let waitedMs = 0; waitedMs < silentMs; waitedMs += LOOK_MS) {
    await delay(LOOK_MS);
    if ((await touchedAt()) !== before) return true;
  }
  return false;
}

/**
 * Renaming is atomic: of two that saw the same dead holder one gets the file. Who got the file of a new holder puts it
 * back; the look before makes that a matter of microseconds.
 */
async function removeStale(path: string, staleText: string): Promise<void> {
  if ((await textOf(path)) !== staleText) return;
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if ((await textOf(aside)) !== staleText) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

function labelOf(text: string): string {
  const holder = parseHolder(text);
  return holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
}
