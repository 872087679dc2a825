import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SmallDisk } from '../../../test/support/small-disk.js';
import { errorCode } from './error-code.js';
import { JsonLinesFile, readJsonLines } from './json-lines-file.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-files-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('JsonLinesFile', () => {
  const lines = async (path: string): Promise<{ values: unknown[]; numLeftOut: number }> => {
    const values: unknown[] = [];
    const { numLeftOut } = await readJsonLines(path, z.int(), (value) => void values.push(value));
    return { values, numLeftOut };
  };

  it('takes a line away that a crash cut short, and goes on after it', async () => {
    const path = join(directory, 'a.jsonl');
    await writeFile(path, '{"n":1}\n{"n":2}\n{"n":');
    const file = new JsonLinesFile(path);
    file.append([{ n: 3 }]);
    await file.close();
    expect(await readFile(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  });

  it('empties a file that holds nothing but a torn line, however long', async () => {
    const path = join(directory, 'a.jsonl');
    await writeFile(path, 'x'.repeat(200_000));
    const file = new JsonLinesFile(path);
    file.append([1]);
    await file.close();
    expect(await lines(path)).toEqual({ values: [1], numLeftOut: 0 });
  });

  it('counts lines that are cut short or of another form, and reads round them, and a file that is not there', async () => {
    const path = join(directory, 'a.jsonl');
    await writeFile(path, '1\n\u0000\u0000\n2\n"three"\n{"torn":');
    expect(await lines(path)).toEqual({ values: [1, 2], numLeftOut: 3 });
    expect(await lines(join(directory, 'none'))).toEqual({ values: [], numLeftOut: 0 });
  });

  it('loses, tears and doubles no line on a disk that is full', async () => {
    using disk = SmallDisk.mount('128k');
    if (disk === undefined) return;
    const path = join(disk.folder, 'a.jsonl');
    const file = new JsonLinesFile(path);
    const line = (n: number): { readonly n: number; readonly text: string } => ({ n, text: 'x'.repeat(700) });
    file.append([line(0)]);
    await file.sync();
    // Many at once: the disk takes some of them and a part of the next.
    for (let n = 1; n < 300; n += 100) {
      file.append(Array.from({ length: 100 }, (_, index) => line(n + index)));
      await file.sync().catch((error: unknown) => expect(errorCode(error)).toBe('ENOSPC'));
    }
    expect(file.unsaved).toBeGreaterThan(100_000);
    await expect(file.close()).rejects.toThrow(/ENOSPC/);
    execFileSync('mount', ['-o', 'remount,size=1m', disk.folder]);
    file.append([line(301)]);
    await file.close();
    expect(file.unsaved).toBe(0);
    const expected = Array.from({ length: 302 }, (_, n) => JSON.stringify(line(n)));
    expect((await readFile(path, 'utf8')).split('\n')).toEqual([...expected, '']);
  });
});
