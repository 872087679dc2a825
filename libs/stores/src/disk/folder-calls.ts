import { lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';

/** What is asked of the disk to list a folder; rejects or throws as Node's. */
export interface FolderCalls {
  readonly readdir: (path: string) => Promise<readonly string[]> | readonly string[];
  readonly stat: (path: string) => Promise<Stats> | Stats;
  readonly lstat: (path: string) => Promise<Stats> | Stats;
}

/** For threads that have other things to do. */
export const CALLS_BY_PROMISES: FolderCalls = {
  readdir: (path) => readdir(path),
  stat: (path) => stat(path),
  lstat: (path) => lstat(path),
};

/** The thread waits: a quarter of the processor's time. For threads that do nothing else. */
export function waitingCalls(onAnswer: () => void): FolderCalls {
  const answered = <Result>(result: Result): Result => {
    onAnswer();
    return result;
  };
  return {
    readdir: (path) => answered(readdirSync(path)),
    stat: (path) => answered(statSync(path)),
    lstat: (path) => answered(lstatSync(path)),
  };
}
