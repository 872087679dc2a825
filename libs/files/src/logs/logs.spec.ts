import { appendFile, copyFile, mkdir, mkdtemp, rm, symlink, truncate, writeFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { followLog } from './follow-log.js';
import { findLog, listLogs } from './log-folder.js';
import { readLogFrom, readLogTail } from './log-reader.js';

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-logs-'));
  log = join(folder, 'worker-1.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index} ü`);
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
/** As the launcher rotates. */
const putAside = async (): Promise<void> => {
  await copyFile(log, `${log}.new`);
  await rename(`${log}.new`, `${log}.1`);
  await truncate(log);
};

describe('the logs of a folder', () => {
  it('are its files that end in .log: no links, no folders, no paths', async () => {
    await writeFile(log, 'a\n');
    await writeFile(join(folder, 'secret.txt'), 'a secret');
    await symlink(join(folder, 'secret.txt'), join(folder, 'linked.log'));
    await mkdir(join(folder, 'folder.log'));
    expect(await listLogs(folder)).toEqual([{ name: 'worker-1', sizeBytes: 2, modifiedAt: expect.any(Number) }]);
    expect(await findLog(folder, 'worker-1')).toBe(log);
    for (const name of ['linked', 'folder', '../worker-1', './worker-1', 'worker-1.log', '', '/etc/passwd'])
      expect(await findLog(folder, name)).toBeUndefined();
    expect(await listLogs(join(folder, 'absent'))).toEqual([]);
  });
});

describe('the end of a log', () => {
  it('is its last whole lines, however long the log is', async () => {
    await writeFile(log, text(numbered(1, 20_000)));
    expect((await readLogTail(log, 3)).lines).toEqual(numbered(19_998, 20_000));
    expect((await readLogTail(log, 8_000)).lines).toEqual(numbered(12_001, 20_000));
    expect((await readLogTail(log, 0)).lines).toEqual([]);
    await appendFile(log, 'begun');
    const { lines, next } = await readLogTail(log, 1);
    expect(lines).toEqual(numbered(20_000, 20_000));
    await appendFile(log, ' and ended\n');
    expect((await readLogFrom(log, next)).lines).toEqual(['begun and ended']);
  });

  it('reaches into the file before it where it was put aside', async () => {
    await writeFile(log, text(numbered(1, 5)));
    await putAside();
    await appendFile(log, text(numbered(6, 7)));
    expect((await readLogTail(log, 4)).lines).toEqual(numbered(4, 7));
    expect((await readLogTail(log, 100)).lines).toEqual(numbered(1, 7));
  });

  it('of a log that is not there is empty', async () => {
    expect((await readLogTail(log, 4)).lines).toEqual([]);
  });
});

describe('a log that is followed', () => {
  it('has every line once, through rotations and truncations', async () => {
    const abort = new AbortController();
    await writeFile(log, text(numbered(1, 3)));
    const { next } = await readLogTail(log, 1);
    const followed = followLog(log, { from: next, signal: abort.signal, everyMs: 5 });
    const batch = async (): Promise<readonly string[]> => (await followed.next()).value.lines;
    await appendFile(log, text(numbered(4, 5)));
    expect(await batch()).toEqual(numbered(4, 5));
    // Unread lines are in the file that was put aside, and the new one has grown beyond the old place.
    await appendFile(log, text(numbered(6, 7)));
    await putAside();
    await appendFile(log, text(numbered(8, 30)));
    expect(await batch()).toEqual(numbered(6, 30));
    await putAside();
    await appendFile(log, text(numbered(31, 31)));
    expect(await batch()).toEqual(numbered(31, 31));
    await truncate(log);
    await appendFile(log, 'x\n');
    expect(await batch()).toEqual(['x']);
    const last = followed.next();
    abort.abort(new Error('enough'));
    await expect(last).rejects.toThrow(/enough|aborted/);
  });

  it('gives out a line that does not end in parts', async () => {
    await writeFile(log, '');
    const { next } = await readLogTail(log, 1);
    await appendFile(log, 'x'.repeat(70_000));
    const read = await readLogFrom(log, next);
    expect(read.lines.join('')).toBe('x'.repeat(70_000));
    await appendFile(log, 'y\n');
    expect((await readLogFrom(log, read.next)).lines).toEqual(['y']);
  });
});
