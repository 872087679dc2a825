import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { isCode } from '../error-code.js';

const lockHolderSchema = z.object({
  pid: z.int().positive(),
  /** With the id: after a reboot, or in a fresh container, an id alone says nothing about who had it before. */
  startTime: z.string(),
  bootId: z.string(),
  /** Ids mean something within one namespace only; every container has its own. */
  pidNamespace: z.string(),
  host: z.string(),
  /** Distinguishes two locks of one process. */
  token: z.string(),
});
/** The process that took a lock, as it wrote itself into the file. */
export type LockHolder = Readonly<z.infer<typeof lockHolderSchema>>;

/** This process, or another one of its namespace. */
export async function holderOf(pid: number, token: string): Promise<LockHolder> {
  const processStat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return {
    pid,
    // The 22nd field; the second one is a name in brackets, which may hold anything.
    startTime: processStat.slice(processStat.lastIndexOf(')') + 2).split(' ')[19] ?? '',
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    host: hostname(),
    token,
  };
}

/** Undefined where the text names no holder: cut short, or not written by this. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    return lockHolderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What can be said of a holder from here; `out of sight` is one of another container or host. */
export async function whereaboutsOf(holder: LockHolder): Promise<'dead' | 'alive' | 'this process' | 'out of sight'> {
  const self = await holderOf(process.pid, '');
  const isInSight =
    holder.bootId === self.bootId &&
    holder.pidNamespace === self.pidNamespace &&
    // Without /proc nothing but the name tells hosts apart.
    (self.bootId !== '' || holder.host === self.host);
  if (!isInSight) return 'out of sight';
  if (holder.pid === self.pid) return holder.startTime === self.startTime ? 'this process' : 'dead';
  if (!isAlive(holder.pid)) return 'dead';
  return (await holderOf(holder.pid, '')).startTime === holder.startTime ? 'alive' : 'dead';
}

/** Whether there is such a process, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}
