import { readFile } from 'node:fs/promises';

const NUM_LINES = 8;

/** The last lines of a log, for an error message; where it has just been rotated, those of the file before it too. */
export async function endOfLog(path: string): Promise<string> {
  const texts = await Promise.all([`${path}.1`, path].map((file) => readFile(file, 'utf8').catch(() => '')));
  const lines = texts.join('').trim().split('\n').slice(-NUM_LINES);
  return `The end of ${path}:\n${lines.map((line) => `  ${line.slice(0, 600)}`).join('\n')}`;
}
