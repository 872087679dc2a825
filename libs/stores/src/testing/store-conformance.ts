import { describe, expect, it } from '@jest/globals';
import { StoredObjectChangedError } from '../store-errors.js';
import type { ListOptions, Store, StoreEntry } from '../store.js';

/** What a store's own test provides. */
export interface StoreSubject {
  readonly store: Store;
  /** Puts a file into the store, past it. */
  readonly put: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
}

/** What every Store promises, whatever it reads from. */
export function storeConformance(
  name: string,
  make: () => Promise<StoreSubject>,
  { canList = true }: { readonly canList?: boolean } = {},
): void {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 251);

  describe(`${name} as a Store`, () => {
    it('reads any slice, and the whole in pieces', async () => {
      const { store, put } = await make();
      await put('a folder/ä+b&c.bin', bytes);
      expect(await store.read('a folder/ä+b&c.bin', { offset: 10, length: 20 })).toEqual(bytes.slice(10, 30));
      expect(await store.read('a folder/ä+b&c.bin', { length: 0 })).toHaveLength(0);
      const pieces: Uint8Array[] = [];
      for await (const piece of store.stream('a folder/ä+b&c.bin')) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      const end: Uint8Array[] = [];
      for await (const piece of store.stream('a folder/ä+b&c.bin', { offset: 99_990 })) end.push(piece);
      expect(Buffer.concat(end).equals(bytes.subarray(99_990))).toBe(true);
      store.close();
    });

    it('knows size and version of a file, and says null where there is none', async () => {
      const { store, put } = await make();
      await put('x/a.bin', bytes);
      const before = await store.stat('x/a.bin');
      expect(before).toMatchObject({
        kind: 'object',
        path: 'x/a.bin',
        sizeBytes: 100_000,
        version: expect.any(String),
      });
      await put('x/a.bin', bytes.slice(0, 5));
      const after = await store.stat('x/a.bin');
      expect(after?.sizeBytes).toBe(5);
      expect(after?.version).not.toBe(before?.version);
      expect(await store.stat('x/b.bin')).toBeNull();
      expect(await store.stat('y/a.bin')).toBeNull();
      store.close();
    });

    it('refuses to read a file that is gone, has changed, or ends too soon', async () => {
      const { store, put, remove } = await make();
      await put('a.bin', bytes);
      const { version } = (await store.stat('a.bin')) ?? { version: '' };
      expect(await store.read('a.bin', { length: 3, expectedVersion: version })).toEqual(bytes.slice(0, 3));
      await put('a.bin', bytes.toReversed());
      const changed = store.read('a.bin', { length: 3, expectedVersion: version });
      await expect(changed).rejects.toThrow(StoredObjectChangedError);
      await expect(changed).rejects.toThrow(/^a\.bin has /);
      await expect(store.read('a.bin', { offset: 99_999, length: 2 })).rejects.toThrow(
        /a\.bin ends .*before it should/,
      );
      await expect(store.read('a.bin', { offset: 100_007, length: 2 })).rejects.toThrow(
        /a\.bin ends .*before it should/,
      );
      await remove('a.bin');
      await expect(store.read('a.bin', { length: 3 })).rejects.toThrow(/^a\.bin is gone$/);
      store.close();
    });

    it('opens a file for many reads, in the version that is wanted', async () => {
      const { store, put } = await make();
      await put('a.bin', bytes);
      const file = await store.open('a.bin');
      expect(file).toMatchObject({ sizeBytes: 100_000, version: (await store.stat('a.bin'))?.version });
      expect(await file.read(5, 10)).toEqual(bytes.slice(5, 15));
      expect(await file.read(0, 3)).toEqual(bytes.slice(0, 3));
      await expect(file.read(99_999, 2)).rejects.toThrow(/a\.bin ends .*before it should/);
      await file.close();
      await expect(store.open('a.bin', { expectedVersion: 'another' })).rejects.toThrow(/^a\.bin has /);
      await expect(store.open('b.bin')).rejects.toThrow(/^b\.bin is gone$/);
      store.close();
    });

    it('stops waiting when it is told to', async () => {
      const { store, put } = await make();
      await put('a.bin', bytes);
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(store.read('a.bin', { length: 3, signal })).rejects.toThrow('enough');
      store.close();
    });

    it(canList ? 'lists a folder, and all that lies below it' : 'says that it cannot list', async () => {
      const { store, put } = await make();
      const listed = async (folder: string, options?: ListOptions): Promise<readonly string[]> => {
        const found: StoreEntry[] = [];
        for await (const entry of store.list(folder, options)) found.push(entry);
        return found.map(({ kind, path }) => (kind === 'folder' ? `${path}/` : path)).toSorted();
      };
      if (!canList) return await expect(listed('')).rejects.toThrow(/cannot list/);
      for (const path of ['top.bin', 'train/a/1.bin', 'train/a/2.bin', 'train/b.bin', 'trainee/c.bin'])
        await put(path, bytes.slice(0, 4));
      expect(await listed('')).toEqual(['top.bin', 'train/', 'trainee/']);
      expect(await listed('train')).toEqual(['train/a/', 'train/b.bin']);
      expect(await listed('train', { isRecursive: true })).toEqual(['train/a/1.bin', 'train/a/2.bin', 'train/b.bin']);
      expect(await listed('absent')).toEqual([]);
      store.close();
    });
  });
}
