import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SmallDisk } from '../../../test/support/small-disk.js';
import { writeFileAtomically } from './durable-write.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-files-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('writeFileAtomically', () => {
  it('leaves the new content and nothing beside it', async () => {
    const path = join(directory, 'run.json');
    await writeFileAtomically(path, 'old');
    await writeFileAtomically(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(directory)).toEqual(['run.json']);
  });

  it('leaves the old content and nothing beside it on a disk that is full', async () => {
    using disk = SmallDisk.mount('64k');
    if (disk === undefined) return;
    const path = join(disk.folder, 'run.json');
    await writeFileAtomically(path, 'old');
    await expect(writeFileAtomically(path, 'x'.repeat(100_000))).rejects.toThrow(/ENOSPC/);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(disk.folder)).toEqual(['run.json']);
  });
});
