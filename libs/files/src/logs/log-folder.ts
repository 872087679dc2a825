import { constants } from 'node:fs';
import { lstat, open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode, isMissing } from '../error-code.js';

const SUFFIX = '.log';

/** A log of a folder, `NAME.log`. What was put aside of it is `NAME.log.1`, the older ones `NAME.log.2`, ... */
export interface LogFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** By the file system's clock, milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** The logs of a folder by name; links and what is no file are none. A folder that is not there has none. */
export async function listLogs(folder: string): Promise<readonly LogFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const found = await Promise.all(names.filter((name) => name.endsWith(SUFFIX)).map((name) => look(folder, name)));
  return found.flatMap((log) => log ?? []).toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** The path of a log that the folder lists; undefined for every other name, whatever path it spells. */
export async function findLog(folder: string, name: string): Promise<string | undefined> {
  const isThere = (await listLogs(folder)).some((log) => log.name === name);
  return isThere ? join(folder, name + SUFFIX) : undefined;
}

/** Opens a log, or one that was put aside, for reading. Undefined where it is not there or a link has taken its place. */
export async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isMissing(error) || isCode(error, 'ELOOP')) return undefined;
    throw error;
  }
}

async function look(folder: string, file: string): Promise<LogFile | undefined> {
  // It may be taken away between the two looks.
  const found = await lstat(join(folder, file)).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  return { name: file.slice(0, -SUFFIX.length), sizeBytes: found.size, modifiedAt: found.mtimeMs };
}
