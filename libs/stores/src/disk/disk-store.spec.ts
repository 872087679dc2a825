import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StoreEntry } from '../store.js';
import { storeConformance } from '../testing/store-conformance.js';
import { DiskStore } from './disk-store.js';

let folder: string;
let tick = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Each with a time of its own, as files that people write have. */
const put = async (path: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(join(folder, dirname(path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
  tick += 1;
  await utimes(join(folder, path), tick, tick);
};

storeConformance('a folder', () =>
  Promise.resolve({ store: new DiskStore(folder), put, remove: (path) => rm(join(folder, path)) }),
);

describe('a folder with odd things in it', () => {
  const list = async (isRecursive: boolean): Promise<Record<string, string>> => {
    const found: StoreEntry[] = [];
    for await (const entry of new DiskStore(folder).list('', { isRecursive })) found.push(entry);
    return Object.fromEntries(found.map((entry) => [entry.path, entry.kind === 'oddity' ? entry.reason : entry.kind]));
  };

  it('is listed with a reason for each, and ends where links lead round', async () => {
    await put('class/1.jpg', new Uint8Array(3));
    execFileSync('mkfifo', [join(folder, 'class/2.jpg')]);
    await symlink('nowhere', join(folder, 'class/3.jpg'));
    await symlink('4.jpg', join(folder, 'class/4.jpg'));
    await symlink('..', join(folder, 'class/up'));
    await symlink('.', join(folder, 'class/here'));
    await symlink('class', join(folder, 'other'));
    await writeFile(Buffer.concat([Buffer.from(`${folder}/class/`), Buffer.from([0xe9]), Buffer.from('.jpg')]), 'x');
    const odd = {
      '1.jpg': 'object',
      '2.jpg': 'is a pipe',
      '3.jpg': 'is a link to something that is not there',
      '4.jpg': 'is a link that leads to itself',
      '\uFFFD.jpg': 'has a name that is not UTF-8',
      here: 'is a link to a folder that it lies in',
      up: 'is a link to a folder that it lies in',
    };
    const below = (name: string): object =>
      Object.fromEntries(Object.entries(odd).map(([path, what]) => [`${name}/${path}`, what]));
    expect(await list(true)).toEqual({ ...below('class'), ...below('other') });
    expect(await list(false)).toEqual({ class: 'folder', other: 'folder' });
  });

  it('neither waits for a pipe nor reads it', async () => {
    execFileSync('mkfifo', [join(folder, 'a.bin')]);
    const store = new DiskStore(folder);
    await expect(store.read('a.bin', { length: 1 })).rejects.toThrow(/^a\.bin is a pipe$/);
    await expect(store.stat('a.bin')).rejects.toThrow(/a\.bin is a pipe$/);
  });
});
