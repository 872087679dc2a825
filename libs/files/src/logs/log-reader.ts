import type { FileHandle } from 'node:fs/promises';
import { openLog } from './log-folder.js';

/** Read at once, and the longest line that is shown whole. */
const CHUNK_BYTES = 64 * 1024;
/** The most that a look backwards or forwards reads. */
const MOST_BYTES = 8 * 2 ** 20;
const NEWLINE = 0x0a;

/** Where the reading of a log stands; it survives that the log is put aside. */
export interface LogPosition {
  /** Which file was put aside last as this was read; empty: none. */
  readonly aside: string;
  /** Bytes of the log read. */
  readonly offsetBytes: number;
}

export interface LogLines {
  /** Whole lines without their ends; one that is very long comes in parts. */
  readonly lines: readonly string[];
  readonly next: LogPosition;
}

/** The last lines of a log; where it was put aside lately, those of the file before it too. */
export async function readLogTail(path: string, numLines: number): Promise<LogLines> {
  const aside = await asideOf(path);
  const own = await tailOf(path, numLines);
  const missing = numLines - own.lines.length;
  const before = missing > 0 ? (await tailOf(`${path}.1`, missing)).lines : [];
  return { lines: [...before, ...own.lines], next: { aside, offsetBytes: own.endBytes } };
}

/**
 * The lines that came since. A log is put aside by copying it to `NAME.log.1` and emptying it: what was not read of it is
 * read there. One that was emptied is read from its beginning.
 */
export async function readLogFrom(path: string, { aside, offsetBytes }: LogPosition): Promise<LogLines> {
  const asideNow = await asideOf(path);
  const left = asideNow === aside ? [] : (await forward(`${path}.1`, offsetBytes)).lines;
  const begin = asideNow === aside ? offsetBytes : 0;
  const read = await forward(path, begin);
  return { lines: [...left, ...read.lines], next: { aside: asideNow, offsetBytes: read.endBytes } };
}

/** Opens a log for a reading; `absent` where there is none. */
async function ofLog<T>(path: string, absent: T, read: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openLog(path);
  if (file === undefined) return absent;
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

/** Identity of what was put aside last: each time it is a file of its own. */
function asideOf(path: string): Promise<string> {
  return ofLog(`${path}.1`, '', async (file) => {
    const { ino, birthtimeMs } = await file.stat();
    return `${ino}-${Math.round(birthtimeMs)}`;
  });
}

interface ReadLines {
  readonly lines: readonly string[];
  /** Where the last of them ends. */
  readonly endBytes: number;
}
const NOTHING: ReadLines = { lines: [], endBytes: 0 };

function tailOf(path: string, numLines: number): Promise<ReadLines> {
  return ofLog(path, NOTHING, async (file) => {
    const { size } = await file.stat();
    let text = Buffer.alloc(0);
    let begin = size;
    // One end more than lines: that of the line before them.
    while (begin > 0 && size - begin < MOST_BYTES && countNewlines(text) <= numLines) {
      const length = Math.min(CHUNK_BYTES, begin);
      begin -= length;
      text = Buffer.concat([await readAt(file, begin, length), text]);
    }
    // A line that has only begun is left for the next reading.
    const end = text.lastIndexOf(NEWLINE) + 1;
    const lines = text.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    const whole = begin > 0 ? lines.slice(1) : lines;
    return { lines: numLines === 0 ? [] : whole.slice(-numLines), endBytes: begin + end };
  });
}

function forward(path: string, begin: number): Promise<ReadLines> {
  return ofLog(path, NOTHING, async (file) => {
    const { size } = await file.stat();
    const from = size < begin ? 0 : begin;
    const text = await readAt(file, from, Math.min(MOST_BYTES, size - from));
    const lastEnd = text.lastIndexOf(NEWLINE) + 1;
    // Such as a progress bar's, which ends no line for long.
    const isEndless = text.length - lastEnd > CHUNK_BYTES;
    const shown = isEndless ? text : text.subarray(0, lastEnd);
    const lines = shown.toString('utf8').split('\n');
    return { lines: isEndless ? lines : lines.slice(0, -1), endBytes: from + shown.length };
  });
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function countNewlines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
