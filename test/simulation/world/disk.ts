import { basename, dirname } from 'node:path';
import type { Random } from './random.js';

export interface FileNode {
  readonly kind: 'file';
  bytes: Uint8Array;
  /** What a power cut leaves for certain: the contents at the last sync. */
  synced: Uint8Array;
  mtimeMs: number;
}

export interface FolderNode {
  readonly kind: 'folder';
  entries: Map<string, DiskNode>;
  /** The names at the last sync of the folder. */
  synced: Map<string, DiskNode>;
  mtimeMs: number;
}
export type DiskNode = FileNode | FolderNode;

/** An error as the file system throws it. */
export class DiskError extends Error {
  constructor(
    readonly code: 'ENOENT' | 'EEXIST' | 'ENOSPC' | 'ENOTDIR' | 'ENOTEMPTY',
    path: string,
  ) {
    super(`${code}: ${path}`);
  }
}

/** Where it is mounted. */
export const SIMULATED_ROOT = '/simulated';

const EMPTY = new Uint8Array(0);

/**
 * A disk with a cache before it, as POSIX promises no more: contents outlive a power cut once the file was synced, names
 * once their folder was. What was not synced may be there or not, a file's tail may be cut.
 */
export class Disk {
  readonly #now: () => number;
  readonly root: FolderNode = folder(0);
  isFull = false;

  constructor(now: () => number) {
    this.#now = now;
    this.makeFolder(SIMULATED_ROOT, false);
    this.sync(this.root);
  }

  find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (node?.kind !== 'folder') return undefined;
      node = node.entries.get(name);
    }
    return node;
  }

  file(path: string): FileNode {
    const node = this.find(path);
    if (node?.kind !== 'file') throw new DiskError('ENOENT', path);
    return node;
  }

  folder(path: string): FolderNode {
    const node = this.find(path);
    if (node === undefined) throw new DiskError('ENOENT', path);
    if (node.kind !== 'folder') throw new DiskError('ENOTDIR', path);
    return node;
  }

  /** Returns the first folder that was missing. */
  makeFolder(path: string, isRecursive: boolean): string | undefined {
    if (this.find(path) !== undefined) {
      if (isRecursive) return undefined;
      throw new DiskError('EEXIST', path);
    }
    const first = isRecursive && dirname(path) !== path ? this.makeFolder(dirname(path), true) : undefined;
    this.folder(dirname(path)).entries.set(basename(path), folder(this.#now()));
    return first ?? path;
  }

  /** Opens for writing: `w` empties, `wx` refuses what is there, `a` keeps it. */
  create(path: string, mode: 'w' | 'wx' | 'a'): FileNode {
    const parent = this.folder(dirname(path));
    const held = parent.entries.get(basename(path));
    if (held !== undefined && mode === 'wx') throw new DiskError('EEXIST', path);
    if (held?.kind === 'file') {
      if (mode === 'w') held.bytes = EMPTY;
      return held;
    }
    const file: FileNode = { kind: 'file', bytes: EMPTY, synced: EMPTY, mtimeMs: this.#now() };
    parent.entries.set(basename(path), file);
    return file;
  }

  append(file: FileNode, bytes: Uint8Array): void {
    this.write(file, bytes, file.bytes.length);
  }

  /** At a position, which may lie behind the end: what is between is zeros. */
  write(file: FileNode, bytes: Uint8Array, position: number): void {
    if (this.isFull) throw new DiskError('ENOSPC', 'write');
    const written = new Uint8Array(Math.max(file.bytes.length, position + bytes.length));
    written.set(file.bytes);
    written.set(bytes, position);
    file.bytes = written;
    file.mtimeMs = this.#now();
  }

  truncate(file: FileNode, length: number): void {
    file.bytes = file.bytes.slice(0, length);
    file.mtimeMs = this.#now();
  }

  rename(from: string, to: string): void {
    const source = this.folder(dirname(from));
    const node = source.entries.get(basename(from));
    if (node === undefined) throw new DiskError('ENOENT', from);
    const target = this.folder(dirname(to));
    const held = target.entries.get(basename(to));
    if (held?.kind === 'folder' && held.entries.size > 0) throw new DiskError('ENOTEMPTY', to);
    source.entries.delete(basename(from));
    target.entries.set(basename(to), node);
  }

  link(from: string, to: string): void {
    const file = this.file(from);
    if (this.find(to) !== undefined) throw new DiskError('EEXIST', to);
    this.folder(dirname(to)).entries.set(basename(to), file);
  }

  remove(path: string): void {
    if (this.find(path) === undefined) throw new DiskError('ENOENT', path);
    this.folder(dirname(path)).entries.delete(basename(path));
  }

  sync(node: DiskNode): void {
    if (node.kind === 'file') node.synced = node.bytes;
    else node.synced = new Map(node.entries);
  }

  powerCut(random: Random): void {
    lose(this.root, random);
  }
}

function folder(now: number): FolderNode {
  return { kind: 'folder', entries: new Map(), synced: new Map(), mtimeMs: now };
}

function lose(node: DiskNode, random: Random): void {
  const wasWritten = random.chance(0.5);
  if (node.kind === 'file') {
    if (node.bytes === node.synced || wasWritten) return;
    const isAppended = node.bytes.length > node.synced.length;
    const end = isAppended ? random.int(node.synced.length, node.bytes.length) : random.int(0, node.bytes.length);
    node.bytes = random.chance(0.5) ? node.synced : node.bytes.slice(0, end);
    return;
  }
  if (!wasWritten) node.entries = new Map(node.synced);
  for (const child of node.entries.values()) lose(child, random);
}
