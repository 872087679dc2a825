import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HeldFiles } from './held-files.js';

let folder: string;
let files: HeldFiles;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-held-'));
  files = new HeldFiles(2);
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, name), `shard ${name}`);
});
afterEach(async () => {
  jest.useRealTimers();
  files.close();
  await rm(folder, { recursive: true });
});

const read = async (name: string, { isSuspect = false, length = 7 } = {}): Promise<string> => {
  const bytes = new Uint8Array(length);
  const range = { offset: 0, expected: length, isSuspect };
  return Buffer.from(bytes.subarray(0, await files.read(join(folder, name), bytes, range))).toString();
};
/** Files of the folder that this process has open. */
const opened = (): readonly string[] =>
  readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return [];
      }
    })
    .filter((path) => path.startsWith(folder));
const eventually = async (isSo: () => boolean): Promise<void> => {
  for (const end = Date.now() + 30_000; !isSo() && Date.now() < end;)
    await new Promise((resolve) => setImmediate(resolve));
  expect(isSo()).toBe(true);
};

describe('files that are held open', () => {
  it('are opened once, and the one that was read least recently makes room', async () => {
    expect(await Promise.all(['a', 'a', 'b', 'a'].map((name) => read(name)))).toEqual(
      ['a', 'a', 'b', 'a'].map((name) => `shard ${name}`),
    );
    expect(opened()).toHaveLength(2);
    expect(await read('c')).toBe('shard c');
    await eventually(() => opened().length === 2);
    expect(opened().toSorted()).toEqual([join(folder, 'a'), join(folder, 'c')]);
  });

  it('are read to the end where more than room is wanted of them at once', async () => {
    const names = Array.from({ length: 60 }, (_, at) => ['a', 'b', 'c'][at % 3] ?? '');
    expect(await Promise.all(names.map((name) => read(name)))).toEqual(names.map((name) => `shard ${name}`));
    await eventually(() => opened().length === 2);
  });

  it('say how many bytes came, and are opened anew where they are suspect', async () => {
    expect(await read('a', { length: 90 })).toBe('shard a');
    await rm(join(folder, 'a'));
    await expect(read('a', { isSuspect: true })).rejects.toThrow(/ENOENT/);
    await expect(read('a')).rejects.toThrow(/ENOENT/);
    await writeFile(join(folder, 'a'), 'another');
    expect(await read('a')).toBe('another');
  });

  it('are closed when nobody reads them, and in the end', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'Date'] });
    await read('a');
    await read('b');
    jest.advanceTimersByTime(5_000);
    await read('b');
    jest.advanceTimersByTime(5_000);
    await eventually(() => opened().join() === join(folder, 'b'));
    files.close();
    await eventually(() => opened().length === 0);
  });
});
