import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedInputError } from '#contracts';
import { makeFolder } from './atomic-file.js';
import { errorCode, isMissing } from './error-code.js';

/** Keeps a second coordinator off a data folder: two writers of one record would destroy it. */
export class DataLock {
  private constructor(private readonly path: string) {}

  /** Takes the lock; that of a dead process is taken over. Throws RefusedInputError when a live one holds it. */
  static async take(dataDirectory: string): Promise<DataLock> {
    await makeFolder(dataDirectory);
    const path = join(dataDirectory, 'coordinator.lock');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        const file = await open(path, 'wx');
        await file.writeFile(await identity(process.pid));
        await file.close();
        return new DataLock(path);
      } catch (error) {
        if (!(errorCode(error) === 'EEXIST')) throw error;
        const pid = await livingHolder(path);
        if (pid !== undefined) {
          throw new RefusedInputError(
            `another coordinator (process ${pid}) works on ${dataDirectory}: stop it, or set SKIPLANE_DATA_DIR to another folder`,
          );
        }
        await rm(path, { force: true });
      }
    }
    throw new RefusedInputError(`cannot take the lock ${path}: another coordinator is starting on the same folder`);
  }

  async release(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** The process that holds the lock, if it is alive. */
async function livingHolder(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const pid = Number(text.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return undefined;
  }
  return (await identity(pid)) === text ? pid : undefined;
}

/** Process id and start time: after a reboot, or in a fresh container, an id says nothing about who had it before. */
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${pid} ${startTime} ${bootId.trim()}`;
}
