import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStore, readStoreSettings } from '#stores';
import { testFolder, testImage, type TestFolder } from '../testing/test-folder.js';
import { DiskThreads } from './disk-threads.js';

const THREAD = new URL('../../../../dist/libs/dataset/src/disk-threads/disk-thread.js', import.meta.url);
const PATHS = ['1.jpg', '2.jpg', 'cut.jpg', 'pipe.jpg', 'gone.jpg', 'below/3.png'].map((name) => `cat/${name}`);

let folder: TestFolder;
let open: DiskThreads;
beforeEach(async () => {
  folder = await testFolder();
  await folder.write('cat/1.jpg', await testImage('jpeg', 1, 30, 20));
  await folder.write('cat/2.jpg', Buffer.concat([await testImage('jpeg', 2), Buffer.alloc(100_000)]));
  await folder.write('cat/cut.jpg', (await testImage('jpeg', 3)).subarray(0, -5));
  await folder.write('cat/below/3.png', await testImage('png', 4));
  await folder.write('cat/.hidden', 'x');
  execFileSync('mkfifo', [join(folder.path, 'cat/pipe.jpg')]);
});
afterEach(async () => {
  await open[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** All that is found by threads, or without any. */
async function found(fewFiles: number): Promise<unknown> {
  open = new DiskThreads({ fewFiles, threadUrl: THREAD });
  const store = openStore({ location: folder.path, settings: readStoreSettings({}) });
  let numLooked = 0;
  const onLooked = (numFiles: number): void => void (numLooked += numFiles);
  const looks = await open.inspect(folder.path, PATHS, { signal: undefined, onLooked });
  expect(numLooked).toBe(PATHS.length);
  return { listing: await open.list(store, 'cat', undefined), looks };
}

describe('DiskThreads', () => {
  it('find what is found without threads', async () => {
    const here = await found(Infinity);
    expect(here).toMatchObject({
      listing: { numHidden: 1, folders: ['cat/below'], broken: [{ path: 'cat/pipe.jpg', reason: 'is a pipe' }] },
      looks: [
        { kind: 'image', header: { width: 30, height: 20 } },
        { kind: 'image' },
        { kind: 'fault', reason: expect.stringContaining('cut short') },
        { kind: 'fault', reason: 'not a regular file' },
        { kind: 'fault', reason: 'there is no such file' },
        { kind: 'image', header: { format: 'png' } },
      ],
    });
    expect(await found(-1)).toEqual(here);
  });

  it('give up where nobody wants the answer any more', async () => {
    open = new DiskThreads({ fewFiles: -1, threadUrl: THREAD });
    const ended = new AbortController();
    const looking = open.inspect(folder.path, PATHS, { signal: ended.signal, onLooked: () => undefined });
    ended.abort(new Error('enough'));
    await expect(looking).rejects.toThrow('enough');
  });
});
