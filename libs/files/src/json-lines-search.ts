import { open, type FileHandle } from 'node:fs/promises';
import { isMissing } from './error-code.js';

const NEWLINE = 0x0a;
/** A stretch that is rather read than halved. */
const STRETCH_BYTES = 64 * 1024;
const LONGEST_LINE_BYTES = 64 * 1024;

/**
 * Where to begin to read a file of JSON lines whose numbers ascend, so as to find every line above `after` and few of those
 * before: halves the file, some reads a file of any length. 0 where the file is away.
 */
export async function startOfLinesAfter(
  path: string,
  after: number,
  numberOf: (value: unknown) => number | undefined,
): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
  try {
    let begin = 0;
    let { size: end } = await file.stat();
    while (end - begin > STRETCH_BYTES) {
      const middle = Math.floor((begin + end) / 2);
      const found = await lineBehind(file, middle);
      const number = found && numberOf(found.value);
      // A line that says nothing is no guide: what lies before it is read.
      if (found === undefined || number === undefined || number > after) end = middle;
      else begin = found.start;
    }
    return begin;
  } finally {
    await file.close();
  }
}

/** The first whole line that begins behind a byte. */
async function lineBehind(
  file: FileHandle,
  from: number,
): Promise<{ readonly start: number; readonly value: unknown } | undefined> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(2 * LONGEST_LINE_BYTES), 0, 2 * LONGEST_LINE_BYTES, from);
  const bytes = buffer.subarray(0, bytesRead);
  const before = bytes.indexOf(NEWLINE);
  const end = before < 0 ? -1 : bytes.indexOf(NEWLINE, before + 1);
  if (end < 0) return undefined;
  try {
    return { start: from + before + 1, value: JSON.parse(bytes.toString('utf8', before + 1, end)) };
  } catch {
    return { start: from + before + 1, value: undefined };
  }
}
