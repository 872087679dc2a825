import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endOfLog } from './end-of-log.js';

describe('endOfLog', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-log-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('gives the last lines, across a rotation too', async () => {
    const path = join(folder, 'worker-1.log');
    await writeFile(path, 'ten\n');
    expect(await endOfLog(path)).toBe(`The end of ${path}:\n  ten`);
    await writeFile(`${path}.1`, Array.from({ length: 9 }, (_, at) => `${at + 1}\n`).join(''));
    expect(await endOfLog(path)).toBe(`The end of ${path}:\n  3\n  4\n  5\n  6\n  7\n  8\n  9\n  ten`);
  });

  it('is empty where there is no log', async () => {
    const path = join(folder, 'none.log');
    expect(await endOfLog(path)).toBe(`The end of ${path}:\n  `);
  });
});
