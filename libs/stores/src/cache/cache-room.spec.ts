import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CacheRoom } from './cache-room.js';
import { namesOf } from './cached-file.js';

const MAX_BYTES = 1_000;

let folder: string;
let room: CacheRoom;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-room-'));
  room = new CacheRoom({ folder, maxBytes: MAX_BYTES });
});
afterEach(() => rm(folder, { recursive: true }));

/** A file of the cache that was used last `usedAt` seconds after 1970. */
async function put(key: string, sizeBytes: number, usedAt: number): Promise<void> {
  const { about, data } = namesOf(key);
  await writeFile(join(folder, data), new Uint8Array(sizeBytes));
  await writeFile(join(folder, about), '{}');
  await utimes(join(folder, about), usedAt, usedAt);
}

const kept = async (): Promise<readonly string[]> =>
  (await readdir(folder)).flatMap((name) => (name.endsWith('.data') ? [name.replace('.data', '')] : []));

describe('room in the cache', () => {
  it('is taken up to a sixteenth of what was found free without looking at the files again', async () => {
    await room.make(40);
    await put('other', 990, 1);
    await room.make(60);
    expect(await kept()).toEqual(['other']);
    await room.make(11);
    expect(await kept()).toEqual([]);
  });

  it('is made for many small files at once, and for large ones not more than is needed', async () => {
    const small = Array.from({ length: 100 }, (_, at) => `small${at}`);
    for (const [at, key] of small.entries()) await put(key, 10, at + 1);
    await room.make(10);
    expect((await kept()).length).toBe(89);
    expect(await kept()).not.toContain('small10');
    await room.free(Infinity);
    for (const at of [1, 2, 3]) await put(`large${at}`, 300, at);
    await room.make(300);
    expect((await kept()).toSorted()).toEqual(['large2', 'large3']);
  });
});
