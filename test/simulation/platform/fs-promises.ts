/** The part of `node:fs/promises` that the coordinator keeps its record with, on the simulated disk. */
import * as real from 'node:fs/promises';
import { DiskError, type DiskNode, type FileNode } from '../world/disk.js';
import { currentWorld } from '../world/world.js';
import { isSimulated, reading, writing } from './disk-access.js';

export * from 'node:fs/promises';

/** A disk takes its time, more for what must be safe on it. */
async function wait(longestMs: number): Promise<void> {
  const ms = currentWorld().random.between(0.05, longestMs);
  await new Promise((resolve) => setTimeout(resolve, ms));
}
const QUICK_MS = 1;
const SYNC_MS = 6;

export async function mkdir(path: string, options?: { readonly recursive?: boolean }): Promise<string | undefined> {
  if (!isSimulated(path)) return await real.mkdir(path, options);
  await wait(QUICK_MS);
  return writing().makeFolder(path, options?.recursive === true);
}

export async function readFile(path: string, encoding?: BufferEncoding): Promise<Buffer | string> {
  if (path.startsWith('/proc/')) throw new DiskError('ENOENT', path);
  if (!isSimulated(path)) return await real.readFile(path, encoding);
  await wait(QUICK_MS);
  const bytes = Buffer.from(reading().file(path).bytes);
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

/** A second name for a file. */
export async function link(from: string, to: string): Promise<void> {
  if (!isSimulated(from)) return await real.link(from, to);
  await wait(QUICK_MS);
  writing().link(from, to);
}

/** There are no symbolic links. */
export async function readlink(path: string): Promise<string> {
  await wait(QUICK_MS);
  throw new DiskError('ENOENT', path);
}

interface Entry {
  readonly name: string;
  isDirectory(): boolean;
}

export async function readdir(path: string, options?: { readonly withFileTypes: true }): Promise<string[] | Entry[]> {
  await wait(QUICK_MS);
  if (options?.withFileTypes !== true) return [...reading().folder(path).entries.keys()];
  return [...reading().folder(path).entries].map(([name, { kind }]) => ({
    name,
    isDirectory: () => kind === 'folder',
  }));
}

export async function rename(from: string, to: string): Promise<void> {
  if (!isSimulated(from)) return await real.rename(from, to);
  await wait(QUICK_MS);
  writing().rename(from, to);
}

export async function rm(
  path: string,
  options?: { readonly force?: boolean; readonly recursive?: boolean },
): Promise<void> {
  if (!isSimulated(path)) return await real.rm(path, options);
  await wait(QUICK_MS);
  const disk = writing();
  if (options?.force === true && disk.find(path) === undefined) return;
  disk.remove(path);
}

export async function realpath(path: string): Promise<string> {
  if (!isSimulated(path)) return await real.realpath(path);
  await wait(QUICK_MS);
  if (reading().find(path) === undefined) throw new DiskError('ENOENT', path);
  return path;
}

interface Stats {
  readonly size: number;
  readonly mtimeMs: number;
}

export async function stat(path: string): Promise<Stats> {
  if (!isSimulated(path)) return await real.stat(path);
  await wait(QUICK_MS);
  const { bytes, mtimeMs } = reading().file(path);
  return { size: bytes.length, mtimeMs };
}

export async function open(path: string, mode: string): Promise<Handle | real.FileHandle> {
  if (!isSimulated(path)) return await real.open(path, mode);
  await wait(QUICK_MS);
  if (mode === 'r' || mode === 'r+') {
    const node = reading().find(path);
    if (node === undefined) throw new DiskError('ENOENT', path);
    return new Handle(node);
  }
  return new Handle(writing().create(path, CREATING[mode] ?? 'a'));
}

const CREATING: Readonly<Record<string, 'w' | 'wx'>> = { w: 'w', 'w+': 'w', wx: 'wx' };

/** An open file or folder. */
class Handle {
  readonly #node: DiskNode;

  constructor(node: DiskNode) {
    this.#node = node;
  }

  get #file(): FileNode {
    if (this.#node.kind !== 'file') throw new DiskError('ENOENT', 'a folder');
    return this.#node;
  }

  async appendFile(text: string): Promise<void> {
    await wait(QUICK_MS);
    writing().append(this.#file, Buffer.from(text));
  }

  async writeFile(text: string): Promise<void> {
    await this.appendFile(text);
  }

  async sync(): Promise<void> {
    await wait(SYNC_MS);
    writing().sync(this.#node);
  }

  async datasync(): Promise<void> {
    await this.sync();
  }

  async stat(): Promise<Stats> {
    await wait(QUICK_MS);
    return { size: this.#file.bytes.length, mtimeMs: this.#file.mtimeMs };
  }

  async utimes(_atime: Date, mtime: Date): Promise<void> {
    await wait(QUICK_MS);
    writing();
    this.#file.mtimeMs = mtime.getTime();
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    await wait(QUICK_MS);
    const bytes = this.#file.bytes.subarray(position, position + length);
    into.set(bytes, offset);
    return { bytesRead: bytes.length };
  }

  async write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<void> {
    await wait(QUICK_MS);
    writing().write(this.#file, bytes.subarray(offset, offset + length), position);
  }

  async truncate(length: number): Promise<void> {
    await wait(QUICK_MS);
    writing().truncate(this.#file, length);
  }

  async close(): Promise<void> {
    await wait(QUICK_MS);
  }
}
