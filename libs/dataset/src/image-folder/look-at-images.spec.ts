import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openStore, readStoreSettings, type Store, type StoredObject } from '#stores';
import { DiskThreads } from '../disk-threads/disk-threads.js';
import { FolderNotes } from '../kept/folder-notes.js';
import { testFolder, testImage, type TestFolder } from '../testing/test-folder.js';
import { listFiles } from '../disk-threads/list-files.js';
import { lookAtImages, type LookedImage } from './look-at-images.js';

describe('lookAtImages', () => {
  const later = Date.now() + 3_600_000;
  const disk = new DiskThreads({ fewFiles: Infinity });

  async function twoImages(folder: TestFolder): Promise<{ store: Store; files: readonly StoredObject[] }> {
    await folder.write('cat/1.jpg', await testImage('jpeg', 1, 30, 20));
    await folder.write('cat/2.jpg', 'no image');
    const store = openStore({ location: folder.path, settings: readStoreSettings({}) });
    return { store, files: (await listFiles(store, 'cat')).files };
  }
  const look = (store: Store, files: readonly StoredObject[], notes: FolderNotes): Promise<readonly LookedImage[]> =>
    lookAtImages(files, 'cat', { store, notes, disk, onFile: () => undefined });

  it('takes a file of the noted size and version from its note', async () => {
    await using folder = await testFolder();
    const { store, files } = await twoImages(folder);
    const notes = new FolderNotes(join(folder.path, 'notes'), later);
    const seen = await look(store, files, notes);
    expect(seen).toMatchObject([{ kind: 'image', format: 'jpeg', width: 30, height: 20 }, { kind: 'fault' }]);
    expect(await look(store, files, notes)).toEqual(seen);

    const note = (await notes.read('cat#0')) as unknown[][];
    await notes.write(
      'cat#0',
      note.map((file) => (file.length < 8 ? file : [...file.slice(0, 4), 7, ...file.slice(5)])),
    );
    expect((await look(store, files, notes))[0]).toMatchObject({ width: 7 });
    const newer = files.map((file) => ({ ...file, version: 'another' }));
    expect((await look(store, newer, notes))[0]).toMatchObject({ width: 30 });
  });

  it('notes nothing of what may change again unseen', async () => {
    await using folder = await testFolder();
    const { store, files } = await twoImages(folder);
    const notes = new FolderNotes(join(folder.path, 'notes'), files[1]?.changedAtMs ?? 0);
    await look(store, files, notes);
    expect(((await notes.read('cat#0')) as string[][]).map(([path]) => path)).not.toContain('cat/2.jpg');
  });

  it('goes on behind the last note of a survey that was ended', async () => {
    await using folder = await testFolder();
    const { store, files } = await twoImages(folder);
    const [first] = files;
    if (first === undefined) throw new Error('expected a file');
    const notes = new FolderNotes(join(folder.path, 'notes'), later);
    const many = Array.from({ length: 10_001 }, () => first);
    const ended = new AbortController();
    let numFiles = 0;
    const onFile = (): void => {
      numFiles += 1;
      if (numFiles === 10_000) ended.abort(new Error('enough'));
    };
    await expect(
      lookAtImages([...many, first], 'cat', { store, notes, disk, signal: ended.signal, onFile }),
    ).rejects.toThrow('enough');
    expect(await notes.read('cat#0')).toHaveLength(10_000);
    expect(await notes.read('cat#1')).toBeNull();
  });
});
