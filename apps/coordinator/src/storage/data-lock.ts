import { open, readFile, readlink, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RefusedInputError } from '#contracts';
import { z } from 'zod';
import { errorCode, isMissing, makeFolder } from '#files';

/** A process. Id and start time: after a reboot, or in a fresh container, an id says nothing about who had it before. */
const holderSchema = z.object({
  pid: z.number().int().positive(),
  startTime: z.string(),
  bootId: z.string(),
  /** Ids mean something within one only; every container has its own. */
  pidNamespace: z.string(),
  host: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

const BEAT_MS = 1_000;
/** A holder that cannot be looked up, in another container or on another host, is dead after so long without a beat. */
const WATCH_MS = 5_000;
const LOOK_MS = 250;

/** Another coordinator took the data folder over, because this one was silent for too long. */
export class DataLockLostError extends Error {
  override readonly name = 'DataLockLostError';
}

/**
 * Keeps a second coordinator off a data folder: two writers of one record would destroy it. A holder in the same process
 * namespace is dead when its process is; any other shows that it lives by touching the lock every second.
 */
export class DataLock {
  readonly #path: string;
  readonly #text: string;
  readonly #beating = setInterval(() => void this.#beat(), BEAT_MS).unref();

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** Takes the lock; that of a dead process is taken over. Throws RefusedInputError when a live one holds it. */
  static async take(dataDirectory: string, { watchMs = WATCH_MS } = {}): Promise<DataLock> {
    await makeFolder(dataDirectory);
    const path = join(dataDirectory, 'coordinator.lock');
    const text = JSON.stringify(await holderOf(process.pid));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (await create(path, text)) return new DataLock(path, text);
      const holder = await livingHolder(path, watchMs);
      if (holder !== undefined) {
        throw new RefusedInputError(
          `another coordinator (process ${holder.pid} on ${holder.host}) works on ${dataDirectory}: stop it, or set SKIPLANE_DATA_DIR to another folder`,
        );
      }
      await rm(path, { force: true });
    }
    throw new RefusedInputError(`cannot take the lock ${path}: another coordinator is starting on the same folder`);
  }

  /** To be asked before anything is written. Throws DataLockLostError when another process has the lock by now. */
  async confirm(): Promise<void> {
    if ((await textOf(this.#path)) === this.#text) return;
    // Somebody may have taken the file away; nobody has the folder then.
    if (!(await create(this.#path, this.#text)) && (await textOf(this.#path)) !== this.#text)
      throw new DataLockLostError(
        `another coordinator has taken over ${this.#path}, because this one was silent for too long`,
      );
  }

  async release(): Promise<void> {
    clearInterval(this.#beating);
    if ((await textOf(this.#path)) === this.#text) await rm(this.#path, { force: true });
  }

  async #beat(): Promise<void> {
    const now = new Date();
    // A disk that refuses will be asked again.
    await utimes(this.#path, now, now).catch(() => undefined);
  }
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(text);
    await file.close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock, if it is alive or may be. */
async function livingHolder(path: string, watchMs: number): Promise<Holder | undefined> {
  const holder = readHolder(await textOf(path));
  if (holder === undefined) return undefined;
  const own = await holderOf(process.pid);
  if (holder.bootId !== own.bootId || holder.pidNamespace !== own.pidNamespace)
    return (await isTouched(path, watchMs)) ? holder : undefined;
  if (holder.pid === process.pid) return undefined;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return undefined;
  }
  return (await holderOf(holder.pid)).startTime === holder.startTime ? holder : undefined;
}

async function isTouched(path: string, watchMs: number): Promise<boolean> {
  const touchedAt = async (): Promise<number> => (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
  const before = await touchedAt();
  for (let waitedMs = 0; waitedMs < watchMs; waitedMs += LOOK_MS) {
    await delay(LOOK_MS);
    // Changed, not later: its times are of two clocks, the holder's and the file system's, and either may be set back.
    if ((await touchedAt()) !== before) return true;
  }
  return false;
}

function readHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
}

async function holderOf(pid: number): Promise<Holder> {
  const processStat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return {
    pid,
    startTime: processStat.slice(processStat.lastIndexOf(')') + 2).split(' ')[19] ?? '',
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    host: hostname(),
  };
}
