import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { RecoverableError, RefusedInputError } from '#contracts';
import { isCode, isMissing } from '#files';
import { StoreAccessError, StoredObjectChangedError } from '../store-errors.js';
import type { ListOptions, OpenObject, ReadOptions, Store, StoredObject, StoreEntry, WaitOptions } from '../store.js';
import { withTimeLimit } from '../time-limit.js';
import { CALLS_BY_PROMISES, type FolderCalls } from './folder-calls.js';
import { listFolder, type AskDisk } from './list-folder.js';
import { objectOf, oddityOf, versionOf } from './look-at.js';

/** A disk of the network that does not answer holds a thread of the pool; its caller goes on after so long. */
const LIMIT_MS = 30_000;
const PIECE_BYTES = 4 * 2 ** 20;

/** Files below a folder of this host. */
export class DiskStore implements Store {
  readonly #calls: FolderCalls;

  constructor(
    readonly location: string,
    calls: FolderCalls = CALLS_BY_PROMISES,
  ) {
    this.#calls = calls;
  }

  list(folder: string, options: ListOptions = {}): AsyncIterable<StoreEntry> {
    const ask: AskDisk = (path, wait, question) => this.#ask(path, wait, question);
    return listFolder(this.location, folder, { ...options, ask, calls: this.#calls });
  }

  async stat(path: string, options: WaitOptions = {}): Promise<StoredObject | null> {
    const found = await this.#ask(path, options, () => stat(join(this.location, path))).catch((error: unknown) => {
      if (error instanceof StoredObjectChangedError) return null;
      throw error;
    });
    if (found === null) return null;
    const oddity = found.isDirectory() ? 'is a folder' : oddityOf(found);
    if (oddity !== undefined) throw new RefusedInputError(`${join(this.location, path)} ${oddity}`);
    return objectOf(path, found);
  }

  async read(path: string, options: ReadOptions & { readonly length: number }): Promise<Uint8Array<ArrayBuffer>> {
    await using file = await this.#open(path, options);
    const bytes = new Uint8Array(options.length);
    await this.#fill(path, file, { bytes, from: options.offset ?? 0, options });
    return bytes;
  }

  async *stream(path: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    await using file = await this.#open(path, options);
    const { offset = 0 } = options;
    const end = offset + (options.length ?? (await this.#ask(path, options, () => file.stat())).size - offset);
    for (let from = offset; from < end; from += PIECE_BYTES) {
      const bytes = new Uint8Array(Math.min(PIECE_BYTES, end - from));
      await this.#fill(path, file, { bytes, from, options });
      yield bytes;
    }
  }

  async open(path: string, options: WaitOptions & { readonly expectedVersion?: string } = {}): Promise<OpenObject> {
    const file = await this.#open(path, options);
    const found = await this.#ask(path, options, () => file.stat());
    return {
      sizeBytes: found.size,
      version: versionOf(found),
      read: async (offset, length, wait = {}) => {
        const bytes = new Uint8Array(length);
        await this.#fill(path, file, { bytes, from: offset, options: wait });
        return bytes;
      },
      close: () => file.close(),
    };
  }

  close(): void {
    // Every call closes what it opened.
  }

  /** A pipe that nobody writes to would not open; a device could be read for ever. */
  async #open(path: string, options: ReadOptions): Promise<FileHandle> {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const opening = open(join(this.location, path), flags);
    const file = await this.#ask(path, options, () => opening).catch((error: unknown) => {
      // It may still open, after its time.
      void opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    try {
      const found = await this.#ask(path, options, () => file.stat());
      const oddity = found.isDirectory() ? 'is a folder' : oddityOf(found);
      if (oddity !== undefined) throw new StoredObjectChangedError(path, oddity);
      if (options.expectedVersion !== undefined && versionOf(found) !== options.expectedVersion)
        throw new StoredObjectChangedError(path, 'has been written to since the index was made');
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #fill(
    path: string,
    file: FileHandle,
    { bytes, from, options }: { readonly bytes: Uint8Array; readonly from: number; readonly options: WaitOptions },
  ): Promise<void> {
    for (let filled = 0; filled < bytes.length;) {
      const place = { offset: filled, length: bytes.length - filled, position: from + filled };
      const { bytesRead } = await this.#ask(path, options, () => file.read(bytes, place));
      if (bytesRead === 0) throw new StoredObjectChangedError(path, `ends at byte ${from + filled}, before it should`);
      filled += bytesRead;
    }
  }

  async #ask<T>(path: string, { signal }: WaitOptions, ask: () => Promise<T>): Promise<T> {
    const shown = join(this.location, path);
    try {
      return await withTimeLimit(`the disk did not answer for ${shown}`, { limitMs: LIMIT_MS, signal }, ask);
    } catch (error) {
      if (isMissing(error) || isCode(error, 'ENOTDIR'))
        throw new StoredObjectChangedError(path, 'is gone', { cause: error });
      if (isCode(error, 'EACCES', 'EPERM'))
        throw new StoreAccessError(`${shown}: no right to read it`, { cause: error });
      if (isCode(error, 'EIO', 'ESTALE', 'ETIMEDOUT', 'EMFILE', 'ENFILE'))
        throw new RecoverableError(`${shown}: ${String(error)}`, { cause: error });
      throw error;
    }
  }
}
